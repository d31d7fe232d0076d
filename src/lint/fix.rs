//! Changes that suggestions make, so that they can be tried.

use std::sync::Arc;

use crate::plan::{
    Alarm, Bake, BakeKind, Condition, Origin, Plan, StepShare, Strategy, Watches, Wave,
};
use crate::random::Dist;

/// A change of a plan: everything of this origin gets another value.
#[derive(Clone, Debug, PartialEq)]
pub enum Fix {
    /// Bakes last so long, in seconds.
    Bake {
        /// Which.
        origin: Origin,
        /// Seconds.
        lasts_s: f64,
    },
    /// Alarms need so many requests.
    MinRequests {
        /// Which.
        origin: Origin,
        /// Requests.
        to: f64,
    },
    /// Waves have one target under way at once.
    OneAtATime {
        /// Which.
        origin: Origin,
    },
    /// Waves take so many zones at once.
    ZonesAtOnce {
        /// Which.
        origin: Origin,
        /// Zones.
        zones: usize,
    },
    /// Rollbacks take so long, in seconds.
    Rollback {
        /// Which.
        origin: Origin,
        /// Seconds.
        takes_s: f64,
    },
    /// Bakes wait for so many requests.
    BakeRequests {
        /// Which.
        origin: Origin,
        /// Requests.
        to: f64,
    },
    /// Alarms have another condition.
    Condition {
        /// Which.
        origin: Origin,
        /// It.
        condition: Condition,
    },
    /// Alarms watch for so long.
    Watches {
        /// Which.
        origin: Origin,
        /// How long.
        to: Watches,
    },
    /// Datapoints of alarms cover so many seconds; they come as far apart as before only if their windows overlapped.
    Window {
        /// Which.
        origin: Origin,
        /// Seconds.
        to_s: u32,
    },
    /// Steps reach this share of the traffic.
    StepShare {
        /// Which.
        origin: Origin,
        /// The share.
        to: f64,
    },
    /// Steps are left out.
    DropStep {
        /// Which.
        origin: Origin,
    },
}

impl Fix {
    /// Makes the change.
    pub fn apply(&self, plan: &mut Plan) {
        plan.strategies.iter_mut().for_each(|s| self.to(s));
    }

    fn to(&self, strategy: &mut Strategy) {
        match *self {
            Fix::Bake { origin, lasts_s } => bakes(strategy, &mut |bake| {
                if let (true, BakeKind::Timed(timed)) = (bake.origin == origin, &mut bake.kind) {
                    timed.lasts = certain(lasts_s);
                    timed.at_most_s = timed.at_most_s.map(|most| most.max(lasts_s));
                }
            }),
            Fix::BakeRequests { origin, to } => bakes(strategy, &mut |bake| {
                if let (true, BakeKind::Timed(timed)) = (bake.origin == origin, &mut bake.kind) {
                    timed.min_requests = to;
                }
            }),
            Fix::MinRequests { origin, to } => alarms(strategy, origin, |a| a.min_requests = to),
            Fix::Condition { origin, condition } => {
                alarms(strategy, origin, |a| a.condition = condition);
            }
            Fix::Watches { origin, to } => alarms(strategy, origin, |a| a.watches = to),
            Fix::Window { origin, to_s } => alarms(strategy, origin, |a| {
                if a.window_s == a.period_s {
                    a.period_s = to_s;
                }
                if a.window_s == a.every_s {
                    a.every_s = to_s;
                }
                a.window_s = to_s;
            }),
            Fix::StepShare { origin, to } => {
                for wave in &mut strategy.waves {
                    let mut steps = wave.steps.to_vec();
                    let of = steps.iter_mut().filter(|s| s.origin == origin);
                    of.for_each(|s| s.to = StepShare::Exact(to));
                    wave.steps = Arc::from(steps);
                }
            }
            Fix::OneAtATime { origin } => of(strategy, origin, |wave| wave.parallel = 1),
            Fix::ZonesAtOnce { origin, zones } => of(strategy, origin, |wave| {
                wave.batches.sizes = vec![zones];
                wave.batches.rest = false;
            }),
            Fix::Rollback { origin, takes_s } if strategy.rollback.origin == origin => {
                strategy.rollback.takes = certain(takes_s);
            }
            Fix::Rollback { .. } => {}
            Fix::DropStep { origin } => {
                for wave in &mut strategy.waves {
                    let steps = wave.steps.iter().filter(|s| s.origin != origin);
                    wave.steps = steps.cloned().collect();
                }
            }
        }
    }
}

fn certain(seconds: f64) -> Dist {
    Dist::certain(seconds).expect("a finite duration")
}

/// Waves of an origin; those that nobody wrote are of the strategy's.
fn of(strategy: &mut Strategy, origin: Origin, change: impl Fn(&mut Wave)) {
    let nobody = strategy.origin == origin;
    let is_meant = |w: &&mut Wave| w.origin == origin || nobody && w.origin == Origin::NOWHERE;
    strategy.waves.iter_mut().filter(is_meant).for_each(change);
}

fn alarms(strategy: &mut Strategy, origin: Origin, change: impl Fn(&mut Alarm)) {
    let alarms = strategy.alarms.iter_mut().filter(|a| a.origin == origin);
    alarms.for_each(change);
}

fn bakes(strategy: &mut Strategy, change: &mut impl FnMut(&mut Bake)) {
    for wave in &mut strategy.waves {
        wave.bake.iter_mut().for_each(&mut *change);
        wave.zone_bake.iter_mut().for_each(&mut *change);
        let mut steps = wave.steps.to_vec();
        let of_steps = steps.iter_mut().filter_map(|s| s.bake.as_mut());
        of_steps.for_each(&mut *change);
        wave.steps = Arc::from(steps);
    }
}
