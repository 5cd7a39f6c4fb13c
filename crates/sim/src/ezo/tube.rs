//! The mechanical half of a pump: a rotor that turns, a tube that holds a liquid. Knows no commands.

use super::water::{Bottle, Liquid, ns};

/// Nanoseconds in a minute.
const MINUTE_NS: f64 = 60e9;
/// A long dose reaches the water in pieces of this length, so that it mixes while it lasts.
const PIECE_NS: u64 = 5_000_000_000;

/// Some liquid that left the tube, at the middle of the time that it took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Poured {
    pub(super) at: u64,
    pub(super) liquid: Liquid,
    pub(super) millilitres: f64,
}

/// A rotor, and where its liquid comes from.
#[derive(Debug)]
pub(super) struct Tube {
    at: u64,
    /// What really leaves the tube, in ml per minute; backwards is negative. 0 while it stands still.
    flow: f64,
    stops_at: u64,
    pub(super) bottle: Option<Bottle>,
    pub(super) volts: f64,
    poured: Vec<Poured>,
    /// Whether somebody collects what is poured.
    pub(super) into_water: bool,
    /// All that really left the tube, in ml.
    pub(super) delivered: f64,
}

impl Tube {
    pub(super) fn new(at: u64) -> Self {
        Self {
            at,
            flow: 0.0,
            stops_at: u64::MAX,
            bottle: None,
            volts: 12.0,
            poured: Vec::new(),
            into_water: false,
            delivered: 0.0,
        }
    }

    /// Turns from `at` until `stops_at` at this flow in ml per minute.
    pub(super) fn turn(&mut self, at: u64, flow: f64, stops_at: u64) {
        self.run_to(at);
        self.flow = flow;
        self.stops_at = stops_at;
    }

    pub(super) fn stop(&mut self, at: u64) {
        self.turn(at, 0.0, u64::MAX);
    }

    pub(super) fn run_to(&mut self, at: u64) {
        // A motor below this does not turn; chosen.
        let turning = self.flow != 0.0 && self.volts >= super::pmp::LEAST_MOTOR_VOLTS;
        let end = at.min(self.stops_at);
        while turning && self.at < end {
            let piece = (end - self.at).min(PIECE_NS);
            self.push(self.at + piece / 2, self.flow * ns(piece) / MINUTE_NS);
            self.at += piece;
        }
        if at >= self.stops_at {
            self.flow = 0.0;
        }
        self.at = self.at.max(at);
    }

    fn push(&mut self, at: u64, millilitres: f64) {
        let (liquid, millilitres) = match &self.bottle {
            Some(bottle) => (bottle.liquid(), bottle.draw(millilitres)),
            None => (Liquid::PLAIN, millilitres),
        };
        self.delivered += millilitres;
        if self.into_water {
            self.poured.push(Poured {
                at,
                liquid,
                millilitres,
            });
        }
    }

    pub(super) fn take_poured(&mut self) -> Vec<Poured> {
        std::mem::take(&mut self.poured)
    }
}
