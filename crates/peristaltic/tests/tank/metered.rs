use crate::support::*;
use fugit::MillisDurationU32;
use peristaltic::metered::{self, Answer, Progress, Totals};
use peristaltic::{
    Dose, End, Fault, MeteredPump, Microlitres, MicrolitresPerMinute, Order, Refused, Request, Tank,
};

/// Says what it is told, and answers what the test has put there.
#[derive(Default)]
struct Fake {
    told: Vec<Order>,
    delivered: i64,
    underway: bool,
    deaf: bool,
}

impl Fake {
    fn hear(&mut self, order: Order) -> Result<(), &'static str> {
        self.told.push(order);
        if self.deaf { Err("deaf") } else { Ok(()) }
    }
}

impl MeteredPump for Fake {
    type Error = &'static str;

    fn dose(&mut self, volume: Microlitres) -> Result<(), &'static str> {
        self.underway = true;
        self.hear(Order::Dose(volume))
    }

    fn dose_over(&mut self, volume: Microlitres, time: MillisDurationU32) -> Result<(), &'static str> {
        self.underway = true;
        self.hear(Order::DoseOver(volume, time.as_ticks()))
    }

    fn run_at(&mut self, rate: MicrolitresPerMinute, time: MillisDurationU32) -> Result<(), &'static str> {
        self.underway = true;
        self.hear(Order::RunAt(rate, time.as_ticks()))
    }

    fn set_paused(&mut self, paused: bool) -> Result<(), &'static str> {
        self.hear(Order::SetPaused(paused))
    }

    fn stop(&mut self) -> Result<Microlitres, &'static str> {
        self.hear(Order::Stop)?;
        self.underway = false;
        Ok(ul(self.delivered))
    }

    fn progress(&mut self) -> Result<Progress, &'static str> {
        self.hear(Order::Ask)?;
        Ok(Progress {
            delivered: ul(self.delivered),
            underway: self.underway,
        })
    }

    fn totals(&mut self) -> Result<Totals, &'static str> {
        Ok(Totals {
            net: ul(self.delivered),
            absolute: ul(self.delivered),
        })
    }
}

/// A pump that needs no calibration of ours.
fn metering() -> Tank<1> {
    tank([bare(LIMITS).metered()])
}

fn begin_with(tank: &mut Tank<1>, now: u64, fake: &mut Fake, dose: Dose) {
    let ticket = tank.prepare(at(now), Request::new(0, dose)).unwrap();
    let _answer = metered::start(tank, at(now), ticket.stored(), 0, fake).unwrap();
}

#[test]
fn dose_is_ordered_once_and_asked_for_every_second() {
    let (mut tank, mut fake) = (metering(), Fake::default());
    begin_with(&mut tank, 0, &mut fake, Dose::Volume(ul(5_000)));
    assert_eq!(tank.tick(at(0)).deadline, at(1_000));
    for (now, delivered) in [(1_000, 1_500), (2_000, 3_100)] {
        fake.delivered = delivered;
        tank.tick(at(now));
        metered::attend(&mut tank, at(now), 0, &mut fake).unwrap();
        assert_eq!(tank.running().unwrap().delivered.least(), ul(delivered));
    }
    fake.delivered = 5_010;
    fake.underway = false;
    tank.tick(at(3_000));
    metered::attend(&mut tank, at(3_000), 0, &mut fake).unwrap();
    let outcome = tank.tick(at(3_000)).outcome.unwrap();
    assert_eq!(
        (outcome.end, outcome.delivered.least(), outcome.delivered.most()),
        (End::Done, ul(5_010), ul(5_010))
    );
    assert_eq!(
        fake.told,
        [Order::Dose(ul(5_000)), Order::Ask, Order::Ask, Order::Ask]
    );
}

#[test]
fn every_kind_of_dose_has_its_order() {
    for (dose, order) in [
        (
            Dose::VolumeOver(ul(5_000), ms(90_000)),
            Order::DoseOver(ul(5_000), 90_000),
        ),
        (
            Dose::Time(ms(2_000)),
            Order::RunAt(MicrolitresPerMinute::new(90_000), 2_000),
        ),
        (
            Dose::Continuous(ms(3_000)),
            Order::RunAt(MicrolitresPerMinute::new(90_000), 3_000),
        ),
    ] {
        let (mut tank, mut fake) = (metering(), Fake::default());
        begin_with(&mut tank, 0, &mut fake, dose);
        assert_eq!(fake.told, [order]);
    }
}

#[test]
fn dose_that_may_have_begun_is_stopped_and_never_ordered_again() {
    let (mut tank, mut fake) = (metering(), Fake::default());
    fake.deaf = true;
    begin_with(&mut tank, 0, &mut fake, Dose::Volume(ul(5_000)));
    for now in [1_000, 2_000] {
        tank.tick(at(now));
        assert!(metered::attend(&mut tank, at(now), 0, &mut fake).is_err());
    }
    fake.deaf = false;
    fake.delivered = 3_000;
    tank.tick(at(3_000));
    metered::attend(&mut tank, at(3_000), 0, &mut fake).unwrap();
    let outcome = tank.tick(at(3_000)).outcome.unwrap();
    assert_eq!(
        (outcome.end, outcome.delivered.least()),
        (End::Fault(Fault::Output), ul(3_000))
    );
    assert_eq!(
        fake.told,
        [Order::Dose(ul(5_000)), Order::Stop, Order::Stop, Order::Stop]
    );
    assert_eq!(tank.status(0).unwrap().fault, Some(Fault::Output));
}

#[test]
fn pump_that_never_answers_is_given_up_between_bounds() {
    let (mut tank, mut fake) = (metering(), Fake::default());
    begin_with(&mut tank, 0, &mut fake, Dose::Volume(ul(5_000)));
    fake.delivered = 1_000;
    tank.tick(at(1_000));
    metered::attend(&mut tank, at(1_000), 0, &mut fake).unwrap();
    fake.deaf = true;
    let mut now = 1_000;
    let outcome = loop {
        now += 1_000;
        if let Some(outcome) = tank.tick(at(now)).outcome {
            break outcome;
        }
        let _deaf = metered::attend(&mut tank, at(now), 0, &mut fake);
    };
    // Its longest run of 30 s, and a minute.
    assert_eq!((now, outcome.end), (90_000, End::Fault(Fault::Output)));
    assert_eq!(
        (outcome.delivered.least(), outcome.delivered.most()),
        (ul(1_000), ul(5_060))
    );
}

#[test]
fn stop_asks_the_pump_what_it_delivered() {
    let (mut tank, mut fake) = (metering(), Fake::default());
    begin_with(&mut tank, 0, &mut fake, Dose::Volume(ul(5_000)));
    assert_eq!(tank.stop(at(500)), None);
    fake.delivered = 800;
    metered::attend(&mut tank, at(500), 0, &mut fake).unwrap();
    let outcome = tank.tick(at(500)).outcome.unwrap();
    assert_eq!((outcome.end, outcome.delivered.most()), (End::Stopped, ul(800)));
}

#[test]
fn pause_and_resume_are_passed_on() {
    let (mut tank, mut fake) = (metering(), Fake::default());
    begin_with(&mut tank, 0, &mut fake, Dose::Volume(ul(5_000)));
    assert!(tank.pause(at(100)));
    metered::attend(&mut tank, at(100), 0, &mut fake).unwrap();
    assert!(tank.running().unwrap().paused);
    assert!(tank.resume(at(200)));
    metered::attend(&mut tank, at(200), 0, &mut fake).unwrap();
    assert!(!tank.running().unwrap().paused);
    assert_eq!(fake.told[1..], [Order::SetPaused(true), Order::SetPaused(false)]);
}

#[test]
fn pump_that_delivers_too_much_is_a_fault() {
    let (mut tank, mut fake) = (metering(), Fake::default());
    begin_with(&mut tank, 0, &mut fake, Dose::Volume(ul(5_000)));
    // One per cent and 10 µL are what its meter may be off.
    fake.delivered = 5_061;
    fake.underway = false;
    tank.tick(at(1_000));
    metered::attend(&mut tank, at(1_000), 0, &mut fake).unwrap();
    assert_eq!(tank.tick(at(1_000)).outcome.unwrap().delivered.most(), ul(5_061));
    assert_eq!(tank.status(0).unwrap().fault, Some(Fault::Overrun));
}

#[test]
fn metering_pump_is_never_run_backwards() {
    let mut tank = tank([bare(LIMITS).reversible(ul(1_000)).metered()]);
    assert_eq!(
        begin(&mut tank, 0, Request::new(0, Dose::Purge(ms(10)))),
        Err(Refused::Unsupported)
    );
}

#[test]
fn answer_to_nothing_changes_nothing() {
    let mut tank = metering();
    let before = *tank.record();
    tank.answered(at(0), 0, Answer::Stopped(ul(9_000)));
    assert_eq!(*tank.record(), before);
}

#[test]
fn emergency_stop_of_a_metering_pump_is_an_order() {
    let (mut tank, mut fake) = (metering(), Fake::default());
    begin_with(&mut tank, 0, &mut fake, Dose::Volume(ul(5_000)));
    tank.emergency_stop(at(100));
    assert_eq!(tank.order(0), Some(Order::Stop));
    fake.delivered = 100;
    metered::attend(&mut tank, at(100), 0, &mut fake).unwrap();
    let outcome = tank.tick(at(100)).outcome.unwrap();
    assert_eq!(
        (outcome.end, outcome.delivered.most()),
        (End::Fault(Fault::EmergencyStop), ul(100))
    );
}
