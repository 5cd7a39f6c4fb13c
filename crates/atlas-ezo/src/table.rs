//! Every command of every circuit with its bytes, against the table of the README.

use crate::command::*;
use crate::output::{OutputSet, OutputsQuery, SetOutput};
use crate::value::{Address, BaudRate, Name, Switch};
use crate::*;
use fugit::MinutesDurationU32;
use quantity::*;
use std::string::{String, ToString as _};
use std::vec;
use std::vec::Vec;

/// Form of the data sheet, bytes of an example, circuit.
type Row = (&'static str, String, &'static str);

fn row<C: Circuit, M: Command<C>>(circuit: &'static str, form: &'static str, command: &M) -> Row {
    let request = Request::of::<C, M>(command).unwrap();
    (
        form,
        String::from_utf8(request.as_bytes().to_vec()).unwrap(),
        circuit,
    )
}

macro_rules! rows {
    ($rows:ident, $circuit:ident: $($form:literal $bytes:literal $command:expr;)+) => {$(
        let entry = row::<$circuit, _>(stringify!($circuit), $form, &$command);
        assert_eq!(entry.1, $bytes, "{} {}", entry.2, entry.0);
        $rows.push(entry);
    )+};
}

macro_rules! common {
    ($rows:ident, $($circuit:ident)+) => {$(
        rows! { $rows, $circuit:
            "i" "i" Information;
            "Status" "Status" Status;
            "R" "R" Read(format::<$circuit>());
            "L,1/0" "L,1" SetLed(Switch::On);
            "L,1/0" "L,0" SetLed(Switch::Off);
            "L,?" "L,?" LedQuery;
            "Find" "Find" Find;
            "Name,x" "Name,zzt" SetName(Name::new("zzt").unwrap());
            "Name,x" "Name," SetName(Name::default());
            "Name,?" "Name,?" NameQuery;
            "Plock,1/0" "Plock,1" SetProtocolLock(Switch::On);
            "Plock,1/0" "Plock,0" SetProtocolLock(Switch::Off);
            "Plock,?" "Plock,?" ProtocolLockQuery;
            "Sleep" "Sleep" Sleep;
            "Factory" "Factory" Factory;
            "I2C,n" "I2C,100" SetAddress(Address::new(100).unwrap());
            "I2C,n" "I2C,100" SwitchToI2c(Address::new(100).unwrap());
            "Baud,n" "Baud,38400" SwitchToUart(BaudRate::B38400);
            "Baud,n" "Baud,38400" SetBaud(BaudRate::B38400);
            "Baud,?" "Baud,?" BaudQuery;
            "*OK,1/0" "*OK,1" SetResponseCodes(Switch::On);
            "*OK,1/0" "*OK,0" SetResponseCodes(Switch::Off);
            "*OK,?" "*OK,?" ResponseCodesQuery;
            "Export,?" "Export,?" ExportQuery;
            "Export" "Export" Export::First;
            "Export" "Export" Export::Next { streamed: false };
            "Import,x" "Import,59 6F 75" Import { chunk: &chunk(b"59 6F 75"), last: false };
        }
    )+};
}

macro_rules! sensors {
    ($rows:ident, $($circuit:ident)+) => {$(
        rows! { $rows, $circuit:
            "C,n" "C,0" SetContinuous(Continuous::OFF);
            "C,n" "C,99" SetContinuous(Continuous::every(99).unwrap());
            "C,?" "C,?" ContinuousQuery;
        }
    )+};
}

macro_rules! calibrated {
    ($rows:ident, $($circuit:ident)+) => {$(
        rows! { $rows, $circuit:
            "Cal,clear" "Cal,clear" ClearCalibration;
            "Cal,?" "Cal,?" CalibrationQuery;
        }
    )+};
}

macro_rules! compensated {
    ($rows:ident, $($circuit:ident)+) => {$(
        rows! { $rows, $circuit:
            "T,n" "T,19.5" SetTemperature(MilliCelsius::new(19_500));
            "T,n" "T,25.0" SetTemperature(MilliCelsius::new(25_000));
            "T,?" "T,?" TemperatureQuery;
            "RT,n" "RT,19.5" ReadAt { temperature: MilliCelsius::new(19_500), format: format::<$circuit>() };
        }
    )+};
}

macro_rules! pumps {
    ($rows:ident, $($circuit:ident)+) => {$(
        rows! { $rows, $circuit:
            "D,n" "D,15.5" pmp::Dispense(pmp::Amount::Volume(Microlitres::new(15_500)));
            "D,n" "D,-40.5" pmp::Dispense(pmp::Amount::Volume(Microlitres::new(-40_500)));
            "D,*" "D,*" pmp::Dispense(pmp::Amount::Endless(pmp::Direction::Forward));
            "D,*" "D,-*" pmp::Dispense(pmp::Amount::Endless(pmp::Direction::Reverse));
            "D,n,m" "D,100,30" pmp::DispenseOver { volume: Microlitres::new(100_000), time: minutes(30) };
            "D,?" "D,?" pmp::DispenseQuery;
            "DC,r,m" "DC,25,40" pmp::DispenseAt { rate: rate(25_000), time: Some(minutes(40)) };
            "DC,r,m" "DC,-25.5,*" pmp::DispenseAt { rate: rate(-25_500), time: None };
            "DC,?" "DC,?" pmp::FastestQuery;
            "P" "P" pmp::TogglePause;
            "P,?" "P,?" pmp::PauseQuery;
            "X" "X" pmp::Stop;
            "TV,?" "TV,?" pmp::TotalQuery;
            "ATV,?" "ATV,?" pmp::AbsoluteTotalQuery;
            "Clear" "Clear" pmp::ClearTotals;
            "Cal,n" "Cal,14.9" pmp::Point(Microlitres::new(14_900));
            "PV,?" "PV,?" pmp::MotorSupplyQuery;
            "Invert" "Invert" pmp::ToggleDirection;
            "Invert,?" "Invert,?" pmp::DirectionQuery;
            "Dstart,n" "Dstart,off" pmp::SetStartup(pmp::Startup::Off);
            "Dstart,n" "Dstart,10" pmp::SetStartup(pmp::Startup::Dispense(pmp::Amount::Volume(Microlitres::new(10_000))));
            "Dstart,n" "Dstart,-*" pmp::SetStartup(pmp::Startup::Dispense(pmp::Amount::Endless(pmp::Direction::Reverse)));
            "Dstart,n" "Dstart,10,5" pmp::SetStartup(pmp::Startup::DispenseOver(Microlitres::new(10_000), minutes(5)));
            "Dstart,?" "Dstart,?" pmp::StartupQuery;
            "C,*/1/0" "C,*" pmp::SetReporting(pmp::Reporting::Always);
            "C,*/1/0" "C,1" pmp::SetReporting(pmp::Reporting::WhilePumping);
            "C,*/1/0" "C,0" pmp::SetReporting(pmp::Reporting::Off);
            "O,x,1/0" "O,V,1" SetOutput(pmp::Output::Volume, Switch::On);
            "O,x,1/0" "O,TV,0" SetOutput(pmp::Output::Total, Switch::Off);
            "O,x,1/0" "O,ATV,1" SetOutput(pmp::Output::AbsoluteTotal, Switch::On);
            "O,?" "O,?" OutputsQuery::<pmp::Output>::new();
        }
    )+};
}

/// Some format of a circuit's readings; the bytes of `R` do not depend on it.
fn format<C: Format>() -> C::Format {
    C::format()
}

trait Format: Circuit {
    fn format() -> Self::Format;
}

macro_rules! formats {
    ($($circuit:ident $format:expr;)+) => {
        $(impl Format for $circuit {
            fn format() -> <Self as Circuit>::Format {
                $format
            }
        })+
    };
}

formats! {
    Ph ();
    Orp ();
    Ec OutputSet::EMPTY;
    Do OutputSet::EMPTY;
    Rtd rtd::Scale::Celsius;
    Hum OutputSet::EMPTY;
    Co2 OutputSet::EMPTY;
    Flo OutputSet::EMPTY;
    Prs prs::Unit::Psi;
    Pmp OutputSet::EMPTY;
    PmpL OutputSet::EMPTY;
}

fn chunk(text: &[u8]) -> Chunk {
    Chunk::new(text).unwrap()
}

fn minutes(minutes: u32) -> MinutesDurationU32 {
    MinutesDurationU32::from_ticks(minutes)
}

fn rate(rate: i32) -> MicrolitresPerMinute {
    MicrolitresPerMinute::new(rate)
}

fn ph(milli: i16) -> MilliPh {
    MilliPh::new(milli).unwrap()
}

fn ec(micro: u32) -> NanoSiemensPerCm {
    NanoSiemensPerCm::new(micro * 1_000)
}

fn number(thousandths: i64) -> Decimal {
    Decimal::new(thousandths, 3).unwrap()
}

/// All of them. Each row has been checked.
#[allow(clippy::too_many_lines, reason = "it is a table")]
fn rows() -> Vec<Row> {
    let mut rows = vec![];
    common!(rows, Ph Ec Do Orp Rtd Hum Co2 Flo Prs Pmp PmpL);
    sensors!(rows, Ph Ec Do Orp Rtd Hum Co2 Flo Prs);
    compensated!(rows, Ph Ec Do);
    calibrated!(rows, Ph Ec Do Orp Rtd Co2 Prs Pmp PmpL);
    rows! { rows, Ph:
        "Cal,mid/low/high,n" "Cal,mid,7.00" ph::Point::Mid(ph(7_000));
        "Cal,mid/low/high,n" "Cal,low,4.00" ph::Point::Low(ph(4_000));
        "Cal,mid/low/high,n" "Cal,high,10.012" ph::Point::High(ph(10_012));
        "Slope,?" "Slope,?" ph::SlopeQuery;
        "pHext,1/0" "pHext,1" ph::SetExtended(Switch::On);
        "pHext,1/0" "pHext,0" ph::SetExtended(Switch::Off);
        "pHext,?" "pHext,?" ph::ExtendedQuery;
        "R" "R" ph::ReadExtended;
    }
    rows! { rows, Orp:
        "Cal,n" "Cal,225" orp::Point(Microvolts::new(225_000));
        "ORPext,1/0" "ORPext,1" orp::SetExtended(Switch::On);
        "ORPext,?" "ORPext,?" orp::ExtendedQuery;
        "R" "R" orp::ReadExtended;
    }
    rows! { rows, Ec:
        "Cal,dry" "Cal,dry" ec::Point::Dry;
        "Cal,n" "Cal,1413" ec::Point::Single(ec(1_413));
        "Cal,low/high,n" "Cal,low,12880" ec::Point::Low(ec(12_880));
        "Cal,low/high,n" "Cal,high,80000" ec::Point::High(ec(80_000));
        "K,n" "K,1" ec::SetCell(ec::CellConstant::K1);
        "K,n" "K,0.1" ec::SetCell(ec::CellConstant::K0_1);
        "K,n" "K,10" ec::SetCell(ec::CellConstant::K10);
        "K,?" "K,?" ec::CellQuery;
        "TDS,n" "TDS,0.54" ec::SetTdsFactor(TdsFactor::SCALE_540);
        "TDS,?" "TDS,?" ec::TdsFactorQuery;
        "O,x,1/0" "O,EC,1" SetOutput(ec::Output::Conductivity, Switch::On);
        "O,x,1/0" "O,TDS,0" SetOutput(ec::Output::Tds, Switch::Off);
        "O,x,1/0" "O,S,1" SetOutput(ec::Output::Salinity, Switch::On);
        "O,x,1/0" "O,SG,0" SetOutput(ec::Output::SpecificGravity, Switch::Off);
        "O,?" "O,?" OutputsQuery::<ec::Output>::new();
    }
    rows! { rows, Do:
        "Cal" "Cal" do_::Point::Atmosphere;
        "Cal,0" "Cal,0" do_::Point::Zero;
        "S,n" "S,50000" do_::SetSalinity(do_::Salinity::Conductivity(ec(50_000)));
        "S,n,ppt" "S,36.7,ppt" do_::SetSalinity(do_::Salinity::MilliPpt(36_700));
        "S,?" "S,?" do_::SalinityQuery;
        "P,n" "P,90.25" do_::SetPressure(Pascals::new(90_250));
        "P,?" "P,?" do_::PressureQuery;
        "O,x,1/0" "O,mg,1" SetOutput(do_::Output::Concentration, Switch::On);
        "O,x,1/0" "O,%,0" SetOutput(do_::Output::Saturation, Switch::Off);
        "O,?" "O,?" OutputsQuery::<do_::Output>::new();
    }
    rows! { rows, Rtd:
        "Cal,t" "Cal,100" rtd::Point { temperature: MilliCelsius::new(100_000), scale: rtd::Scale::Celsius };
        "Cal,t" "Cal,373.15" rtd::Point { temperature: MilliCelsius::new(100_000), scale: rtd::Scale::Kelvin };
        "Cal,t" "Cal,212" rtd::Point { temperature: MilliCelsius::new(100_000), scale: rtd::Scale::Fahrenheit };
        "S,c/k/f" "S,c" rtd::SetScale(rtd::Scale::Celsius);
        "S,c/k/f" "S,k" rtd::SetScale(rtd::Scale::Kelvin);
        "S,c/k/f" "S,f" rtd::SetScale(rtd::Scale::Fahrenheit);
        "S,?" "S,?" rtd::ScaleQuery;
        "D,n" "D,6" rtd::SetLogger(6);
        "D,?" "D,?" rtd::LoggerQuery;
        "M" "M" rtd::Recall(rtd::Scale::Celsius);
        "M,all" "M,all" rtd::RecallAll(rtd::Scale::Celsius);
        "M,?" "M,?" rtd::StoredQuery;
        "M,clear" "M,clear" rtd::ClearMemory;
    }
    rows! { rows, Hum:
        "O,x,1/0" "O,HUM,1" SetOutput(hum::Output::Humidity, Switch::On);
        "O,x,1/0" "O,T,1" SetOutput(hum::Output::Temperature, Switch::On);
        "O,x,1/0" "O,Dew,0" SetOutput(hum::Output::DewPoint, Switch::Off);
        "O,?" "O,?" OutputsQuery::<hum::Output>::new();
        "Tcal,t" "Tcal,22.4" hum::TrimTemperature(MilliCelsius::new(22_400));
        "Tcal,clear" "Tcal,clear" hum::ClearTrim;
        "Tcal,?" "Tcal,?" hum::TrimQuery;
        "Auto,en,n" "Auto,en,0" hum::SetMonitor(hum::Monitor::Off);
        "Auto,en,n" "Auto,en,1" hum::SetMonitor(hum::Monitor::Humidity);
        "Auto,en,n" "Auto,en,2" hum::SetMonitor(hum::Monitor::DewPoint);
        "Auto,n" "Auto,60" hum::SetMonitorLevel(hum::Level(60_000));
        "Auto,tol,n" "Auto,tol,2.5" hum::SetMonitorTolerance(hum::Level(2_500));
        "Auto,?" "Auto,?" hum::MonitorQuery;
    }
    rows! { rows, Co2:
        "Cal,0" "Cal,0" co2::Point::Zero;
        "Cal,n" "Cal,4000" co2::Point::High(PpmCo2::new(4_000));
        "O,x,1/0" "O,ppm,1" SetOutput(co2::Output::CarbonDioxide, Switch::On);
        "O,x,1/0" "O,t,1" SetOutput(co2::Output::Temperature, Switch::On);
        "O,?" "O,?" OutputsQuery::<co2::Output>::new();
        "Alarm,en,1/0" "Alarm,en,1" co2::EnableAlarm(Switch::On);
        "Alarm,n" "Alarm,1200" co2::SetAlarm(PpmCo2::new(1_200));
        "Alarm,tol,n" "Alarm,tol,500" co2::SetAlarmTolerance(PpmCo2::new(500));
        "Alarm,?" "Alarm,?" co2::AlarmQuery;
    }
    rows! { rows, Flo:
        "O,x,1/0" "O,TV,1" SetOutput(flo::Output::Total, Switch::On);
        "O,x,1/0" "O,FR,0" SetOutput(flo::Output::Rate, Switch::Off);
        "O,?" "O,?" OutputsQuery::<flo::Output>::new();
        "Set,x" "Set,3/8" flo::SetMeter(flo::Meter::ThreeEighths);
        "Set,x" "Set,1/4" flo::SetMeter(flo::Meter::Quarter);
        "Set,x" "Set,1/2" flo::SetMeter(flo::Meter::Half);
        "Set,x" "Set,3/4" flo::SetMeter(flo::Meter::ThreeQuarters);
        "Set,?" "Set,?" flo::MeterQuery;
        "Frp,s/m/h" "Frp,s" flo::SetRateBase(flo::TimeBase::Second);
        "Frp,s/m/h" "Frp,m" flo::SetRateBase(flo::TimeBase::Minute);
        "Frp,s/m/h" "Frp,h" flo::SetRateBase(flo::TimeBase::Hour);
        "Frp,?" "Frp,?" flo::RateBaseQuery;
        "K,vol,n" "K,0.1,5" flo::AddPoint { volume: number(100), pulses: 5 };
        "K,clear" "K,clear" flo::ClearPoints;
        "K,?" "K,?" flo::PointsQuery;
        "Vp,s/m/h" "Vp,m" flo::SetPointBase(flo::TimeBase::Minute);
        "CF,n" "CF,0.001" flo::SetConversion(number(1));
        "CF,?" "CF,?" flo::ConversionQuery;
        "Clear" "Clear" flo::ClearTotal;
        "P,n" "P,0" flo::SetResistor(flo::Resistor::None);
        "P,n" "P,1" flo::SetResistor(flo::Resistor::Up1);
        "P,n" "P,10" flo::SetResistor(flo::Resistor::Up10);
        "P,n" "P,100" flo::SetResistor(flo::Resistor::Up100);
        "P,n" "P,-1" flo::SetResistor(flo::Resistor::Down1);
        "P,n" "P,-10" flo::SetResistor(flo::Resistor::Down10);
        "P,n" "P,-100" flo::SetResistor(flo::Resistor::Down100);
    }
    rows! { rows, Prs:
        "Cal,0" "Cal,0" prs::Point::Zero;
        "Cal,n" "Cal,30" prs::Point::High(number(30_000));
        "U,x" "U,psi" prs::SetUnit(prs::Unit::Psi);
        "U,x" "U,atm" prs::SetUnit(prs::Unit::Atmosphere);
        "U,x" "U,bar" prs::SetUnit(prs::Unit::Bar);
        "U,x" "U,kPa" prs::SetUnit(prs::Unit::Kilopascal);
        "U,x" "U,inh2o" prs::SetUnit(prs::Unit::InchOfWater);
        "U,x" "U,cmh2o" prs::SetUnit(prs::Unit::CentimetreOfWater);
        "U,1/0" "U,1" prs::SetUnitText(Switch::On);
        "U,?" "U,?" prs::UnitQuery;
        "Dec,n" "Dec,3" prs::SetDecimals(3);
        "Dec,?" "Dec,?" prs::DecimalsQuery;
        "Alarm,en,1/0" "Alarm,en,0" prs::EnableAlarm(Switch::Off);
        "Alarm,n" "Alarm,12.5" prs::SetAlarm(number(12_500));
        "Alarm,tol,n" "Alarm,tol,0.5" prs::SetAlarmTolerance(number(500));
        "Alarm,?" "Alarm,?" prs::AlarmQuery;
    }
    pumps!(rows, Pmp PmpL);
    rows
}

const CIRCUITS: [&str; 11] = [
    "Ph", "Ec", "Do", "Orp", "Rtd", "Hum", "Co2", "Flo", "Prs", "Pmp", "PmpL",
];

fn table() -> String {
    let rows = rows();
    let mut forms: Vec<&str> = vec![];
    for (form, _, _) in &rows {
        if !forms.contains(form) {
            forms.push(form);
        }
    }
    let mut table =
        "| command | pH | EC | DO | ORP | RTD | HUM | CO2 | FLO | PRS | PMP | PMP-L |\n".to_string();
    table += "|---|---|---|---|---|---|---|---|---|---|---|---|\n";
    for form in forms {
        table.extend(["| `", form, "` |"]);
        for circuit in CIRCUITS {
            let has = rows.iter().any(|row| row.0 == form && row.2 == circuit);
            table += if has { " ✓ |" } else { " – |" };
        }
        table += "\n";
    }
    table
}

#[test]
fn every_command_has_the_bytes_of_the_data_sheet() {
    assert!(rows().len() > 400);
}

#[test]
fn readme_lists_every_command_of_every_circuit() {
    let table = table();
    assert!(
        include_str!("../README.md").contains(&table),
        "put this into the README:\n{table}"
    );
}

/// The lists of commands in the data sheets, as far as they are known.
#[test]
fn no_command_is_missing() {
    let lists: &[(&str, &str)] = &[
        (
            "",
            "i Status R L,1/0 L,? Find Name,x Name,? Plock,1/0 Plock,? Sleep Factory I2C,n Baud,n Baud,? *OK,1/0 *OK,? Export,? Export Import,x",
        ),
        (
            "Ph",
            "C,n C,? Cal,mid/low/high,n Cal,clear Cal,? Slope,? pHext,1/0 pHext,? T,n T,? RT,n",
        ),
        (
            "Ec",
            "C,n C,? Cal,dry Cal,n Cal,low/high,n Cal,clear Cal,? K,n K,? TDS,n TDS,? T,n T,? RT,n O,x,1/0 O,?",
        ),
        (
            "Do",
            "C,n C,? Cal Cal,0 Cal,clear Cal,? S,n S,n,ppt S,? P,n P,? T,n T,? RT,n O,x,1/0 O,?",
        ),
        ("Orp", "C,n C,? Cal,n Cal,clear Cal,? ORPext,1/0 ORPext,?"),
        (
            "Rtd",
            "C,n C,? Cal,t Cal,clear Cal,? S,c/k/f S,? D,n D,? M M,all M,? M,clear",
        ),
        (
            "Hum",
            "C,n C,? O,x,1/0 O,? Tcal,t Tcal,clear Tcal,? Auto,en,n Auto,n Auto,tol,n Auto,?",
        ),
        (
            "Co2",
            "C,n C,? Cal,n Cal,0 Cal,clear Cal,? O,x,1/0 O,? Alarm,en,1/0 Alarm,n Alarm,tol,n Alarm,?",
        ),
        (
            "Flo",
            "C,n C,? O,x,1/0 O,? Set,x Set,? Frp,s/m/h Frp,? K,vol,n K,clear K,? Vp,s/m/h CF,n CF,? Clear P,n",
        ),
        (
            "Prs",
            "C,n C,? U,x U,1/0 U,? Dec,n Dec,? Cal,n Cal,0 Cal,clear Cal,? Alarm,en,1/0 Alarm,n Alarm,tol,n Alarm,?",
        ),
        (
            "Pmp",
            "D,n D,n,m D,* D,? DC,r,m DC,? P P,? X TV,? ATV,? Clear Cal,n Cal,clear Cal,? PV,? Invert Invert,? Dstart,n Dstart,? O,x,1/0 O,? C,*/1/0",
        ),
    ];
    let rows = rows();
    let has = |circuit: &str, form: &str| rows.iter().any(|row| row.0 == form && row.2 == circuit);
    for circuit in CIRCUITS {
        let own = if circuit == "PmpL" { "Pmp" } else { circuit };
        let listed: Vec<&str> = lists
            .iter()
            .filter(|list| list.0.is_empty() || list.0 == own)
            .flat_map(|list| list.1.split(' '))
            .collect();
        for form in &listed {
            assert!(has(circuit, form), "{circuit} lacks {form}");
        }
        for (form, _, _) in rows.iter().filter(|row| row.2 == circuit) {
            assert!(listed.contains(form), "{circuit} should not have {form}");
        }
    }
}

#[test]
fn processing_delays_are_those_of_the_data_sheets() {
    fn delays<C: Circuit>() -> [u32; 3] {
        [Work::Quick, Work::Reading, Work::Calibration].map(|work| work.delay::<C>().as_millis())
    }
    assert_eq!(delays::<Ph>(), [300, 900, 900]);
    assert_eq!(delays::<Orp>(), [300, 900, 900]);
    assert_eq!(delays::<Ec>(), [300, 600, 600]);
    assert_eq!(delays::<Do>(), [300, 600, 1_300]);
    assert_eq!(delays::<Rtd>(), [300, 600, 600]);
    assert_eq!(delays::<Hum>(), [300, 300, 300]);
    assert_eq!(delays::<Co2>(), [300, 900, 900]);
    assert_eq!(delays::<Flo>(), [300, 300, 300]);
    assert_eq!(delays::<Prs>(), [300, 900, 900]);
    assert_eq!(delays::<Pmp>(), [300, 300, 300]);
    assert_eq!(delays::<PmpL>(), [300, 300, 300]);
}

#[test]
fn factory_addresses_are_those_of_the_data_sheets() {
    fn address<C: Circuit>() -> u8 {
        C::ADDRESS.get()
    }
    assert_eq!(address::<Do>(), 97);
    assert_eq!(address::<Orp>(), 98);
    assert_eq!(address::<Ph>(), 99);
    assert_eq!(address::<Ec>(), 100);
    assert_eq!(address::<Rtd>(), 102);
    assert_eq!(address::<Pmp>(), 103);
    assert_eq!(address::<Flo>(), 104);
    assert_eq!(address::<Co2>(), 105);
    assert_eq!(address::<Prs>(), 106);
    assert_eq!(address::<PmpL>(), 109);
    assert_eq!(address::<Hum>(), 111);
}

#[test]
fn commands_that_change_something_each_time_are_not_sent_again() {
    fn repeatable<C: Circuit, M: Command<C>>(_: M) -> bool {
        M::REPEATABLE
    }
    let dose = pmp::Amount::Volume(Microlitres::new(1_000));
    assert!(!repeatable::<Pmp, _>(pmp::Dispense(dose)));
    assert!(!repeatable::<Pmp, _>(pmp::DispenseOver {
        volume: Microlitres::new(1_000),
        time: minutes(1)
    }));
    assert!(!repeatable::<Pmp, _>(pmp::DispenseAt {
        rate: rate(1_000),
        time: None
    }));
    assert!(!repeatable::<Pmp, _>(pmp::TogglePause));
    assert!(!repeatable::<Pmp, _>(pmp::ToggleDirection));
    assert!(!repeatable::<Pmp, _>(pmp::Point(Microlitres::new(1_000))));
    assert!(!repeatable::<Pmp, _>(pmp::Stop));
    assert!(!repeatable::<Rtd, _>(rtd::Recall(rtd::Scale::Celsius)));
    assert!(!repeatable::<Flo, _>(flo::AddPoint {
        volume: number(1),
        pulses: 1
    }));
    assert!(!repeatable::<Ph, _>(Factory));
    assert!(repeatable::<Ph, _>(Read(())));
    assert!(repeatable::<Pmp, _>(pmp::DispenseQuery));
}

#[test]
fn every_argument_fits_into_a_request() {
    let longest = pmp::SetStartup(pmp::Startup::DispenseOver(Microlitres::MIN, minutes(u32::MAX)));
    assert_eq!(
        Request::of::<Pmp, _>(&longest).map(|request| request.as_bytes().len()),
        Ok(39)
    );
}

#[test]
fn temperature_is_sent_in_tenths() {
    let rounded = |milli| Request::of::<Ph, _>(&SetTemperature(MilliCelsius::new(milli))).unwrap();
    assert_eq!(rounded(19_549).as_bytes(), b"T,19.5");
    assert_eq!(rounded(19_550).as_bytes(), b"T,19.6");
    assert_eq!(rounded(-49).as_bytes(), b"T,0.0");
}
