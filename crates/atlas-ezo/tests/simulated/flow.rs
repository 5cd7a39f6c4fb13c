//! The flow circuit: what it counts, and what it can be set to.

#![allow(clippy::unwrap_used, reason = "functions that several tests share")]

use super::*;

/// Thousandths of the circuit's unit.
fn decimal(thousandths: i64) -> Decimal {
    Decimal::new(thousandths, 3).expect("three decimals are few")
}

/// Runs a test over both buses.
macro_rules! over_both {
    ($($name:ident),+ $(,)?) => { $(
        mod $name {
            use super::*;

            #[test]
            fn over_i2c() {
                let clock = Clock::new();
                let circuit = sim::Ezo::new(&clock, EzoKind::Flo);
                super::$name(&clock, &circuit, &mut super::super::over_i2c::<Flo>(&clock, &circuit));
            }

            #[test]
            fn over_uart() {
                let clock = Clock::new();
                let circuit = sim::Ezo::new(&clock, EzoKind::Flo);
                super::$name(&clock, &circuit, &mut super::super::over_uart::<Flo>(&clock, &circuit));
            }
        }
    )+ };
}

over_both!(
    total_is_counted_and_cleared,
    outputs_are_told_by_name,
    rate_is_told_per_base,
    meter_is_set
);

fn total_is_counted_and_cleared<T: blocking::Transport>(
    clock: &Clock,
    circuit: &sim::Ezo,
    ezo: &mut blocking::Ezo<Flo, T>,
) where
    T::Error: std::fmt::Debug + PartialEq,
{
    circuit.set(6.0);
    clock.advance(30_000 * MS);
    circuit.set(0.0);
    let reading = |total| flo::Reading {
        total: Some(decimal(total)),
        rate: Some(decimal(0)),
    };
    assert_eq!(ezo.read(), Ok(reading(3_000)));
    ezo.execute(&flo::ClearTotal).unwrap();
    assert_eq!(ezo.read(), Ok(reading(0)));
}

fn outputs_are_told_by_name<T: blocking::Transport>(
    _clock: &Clock,
    circuit: &sim::Ezo,
    ezo: &mut blocking::Ezo<Flo, T>,
) where
    T::Error: std::fmt::Debug + PartialEq,
{
    circuit.set(1.55);
    assert!(ezo.read().unwrap().total.is_some());
    ezo.execute(&SetOutput(flo::Output::Total, Switch::Off)).unwrap();
    let rate = flo::Reading {
        total: None,
        rate: Some(decimal(1_550)),
    };
    assert_eq!(ezo.read(), Ok(rate));
    ezo.execute(&SetOutput(flo::Output::Rate, Switch::Off)).unwrap();
    assert_eq!(ezo.read(), Err(Error::Device(Fault::NoOutput)));
}

fn rate_is_told_per_base<T: blocking::Transport>(
    _clock: &Clock,
    circuit: &sim::Ezo,
    ezo: &mut blocking::Ezo<Flo, T>,
) where
    T::Error: std::fmt::Debug + PartialEq,
{
    circuit.set(90.0);
    for (base, rate) in [
        (flo::TimeBase::Minute, 90_000),
        (flo::TimeBase::Second, 1_500),
        (flo::TimeBase::Hour, 5_400_000),
    ] {
        ezo.execute(&flo::SetRateBase(base)).unwrap();
        assert_eq!(ezo.execute(&flo::RateBaseQuery), Ok(base));
        assert_eq!(ezo.read().unwrap().rate, Some(decimal(rate)));
    }
}

fn meter_is_set<T: blocking::Transport>(_clock: &Clock, _circuit: &sim::Ezo, ezo: &mut blocking::Ezo<Flo, T>)
where
    T::Error: std::fmt::Debug + PartialEq,
{
    for meter in [
        flo::Meter::Quarter,
        flo::Meter::ThreeEighths,
        flo::Meter::Half,
        flo::Meter::ThreeQuarters,
    ] {
        ezo.execute(&flo::SetMeter(meter)).unwrap();
        assert_eq!(ezo.execute(&flo::MeterQuery), Ok(meter));
    }
    ezo.execute(&flo::SetResistor(flo::Resistor::Down10)).unwrap();
    ezo.execute(&flo::SetConversion(decimal(1_500))).unwrap();
    assert_eq!(ezo.execute(&flo::ConversionQuery), Ok(decimal(1_500)));
    ezo.execute(&flo::ClearPoints).unwrap();
    ezo.execute(&flo::SetPointBase(flo::TimeBase::Second)).unwrap();
    for (volume, pulses) in [(1_000, 100), (2_500, 200)] {
        let volume = decimal(volume);
        ezo.execute(&flo::AddPoint { volume, pulses }).unwrap();
    }
    assert_eq!(ezo.execute(&flo::PointsQuery).unwrap(), "?K,1,100,2.5,200");
}
