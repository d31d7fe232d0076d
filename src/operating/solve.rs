//! What a knob must be set to, so that a gate catches enough and stops little by chance.

use super::change::{Knob, threshold};
use super::gate::{Chance, Gate};
use crate::plan::Condition;

const NO_SETTING: &str = "there is no such setting here";

/// What is wanted of a gate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Aim {
    /// Size of the defect.
    pub defect: f64,
    /// The chance of missing it that is allowed.
    pub miss: f64,
    /// The chance of a stop by chance that is allowed.
    pub chance_stop: f64,
}

/// What a knob must be set to, and what comes of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Solved {
    /// The setting: seconds, a share, a multiple of the traffic, a threshold.
    pub value: f64,
    /// The chance of missing the defect then, at the most.
    pub miss: f64,
    /// The chance of a stop by chance then, at the most.
    pub chance_stop: f64,
    /// Requests in the alarm's window then.
    pub requests: f64,
}

/// Why no setting does.
#[derive(Clone, Debug, PartialEq)]
pub enum Unsolved {
    /// There is nothing to set or to compute, in words.
    Nothing(String),
    /// Even the highest setting that was tried misses the defect too often.
    Misses {
        /// The setting, as in [`Solved`].
        highest: f64,
        /// The chance of missing it then.
        miss: f64,
    },
    /// Even the highest setting that was tried stops too often by chance.
    Stops {
        /// The setting, as in [`Solved`].
        highest: f64,
        /// The chance of that then.
        chance_stop: f64,
    },
    /// What misses the defect seldom enough stops too often by chance.
    ThenStops {
        /// The least setting that misses seldom enough.
        from: f64,
        /// The chance of a stop by chance then.
        chance_stop: f64,
    },
    /// What stops seldom enough by chance misses the defect too often.
    ThenMisses {
        /// The least setting that stops seldom enough.
        from: f64,
        /// The chance of a miss then.
        miss: f64,
    },
}

impl From<&str> for Unsolved {
    fn from(why: &str) -> Unsolved {
        Unsolved::Nothing(why.to_owned())
    }
}

/// A gate's two errors: a defect missed, a stop by chance.
type Errors = (f64, f64);

fn errors(gate: &Gate<'_>, alarm: usize, stage: usize, aim: Aim) -> Result<Errors, Unsolved> {
    let chances = gate.curve(alarm, stage, &[0.0, aim.defect]);
    let bounds = |chance: &Chance| match chance {
        Chance::NotComputed(why) => Err(Unsolved::Nothing(format!("not computed: {why}"))),
        other => Ok(other.bounds().unwrap_or((0.0, 1.0))),
    };
    Ok((1.0 - bounds(&chances[1])?.0, bounds(&chances[0])?.1))
}

/// The least setting of a knob with which the alarm, in the stage, misses the defect and stops by chance no more often than
/// wanted. Its errors are those of the gate so set, computed once more.
///
/// # Errors
/// Why there is none, or none was found.
pub fn solve(
    gate: &Gate<'_>,
    knob: Knob,
    alarm: usize,
    stage: usize,
    aim: Aim,
) -> Result<Solved, Unsolved> {
    let now = gate.at(knob, alarm, stage).ok_or(NO_SETTING)?;
    if let Chance::None(why) = gate.chance(alarm, stage, 0.0)
        && knob != Knob::Canary
    {
        return Err(Unsolved::Nothing(format!("the alarm {why}")));
    }
    let at = |value: f64| -> Result<Errors, Unsolved> {
        let set = gate.set(knob, alarm, stage, value).ok_or(NO_SETTING)?;
        match set.stages().get(stage).map(|s| s.kind) == Some(gate.stages()[stage].kind) {
            true => errors(&set, alarm, stage, aim),
            false => Ok((1.0, 0.0)),
        }
    };
    let (lowest, highest) = range(gate, knob, alarm, stage, now);
    // A threshold: the least that stops seldom enough, for a higher one only misses more. Others: the least that
    // misses seldom enough, for longer or larger ones only stop more by chance (or, for traffic, cost more).
    let fits: Box<dyn Fn(Errors) -> bool> = match knob {
        Knob::Threshold => Box::new(|e: Errors| e.1 <= aim.chance_stop),
        _ => Box::new(|e: Errors| e.0 <= aim.miss),
    };
    // More requests may see less: a ratio must first exceed its threshold by more than the grain of few requests.
    let stride = match knob {
        Knob::Canary | Knob::Requests => 1.25,
        Knob::Bake | Knob::Threshold => 2.0,
    };
    let grain = match knob {
        Knob::Bake => f64::from(gate.alarms()[alarm].every_s).min(60.0),
        _ => 0.0,
    };
    let value = least((lowest, highest), grain, stride, |value| {
        Ok(fits(at(value)?))
    })?;
    let Some(value) = value else {
        let (miss, chance_stop) = at(highest)?;
        return Err(match knob {
            Knob::Threshold => Unsolved::Stops {
                highest,
                chance_stop,
            },
            _ => Unsolved::Misses { highest, miss },
        });
    };
    let set = gate.set(knob, alarm, stage, value).ok_or(NO_SETTING)?;
    let (miss, chance_stop) = errors(&set, alarm, stage, aim)?;
    if miss > aim.miss {
        return Err(Unsolved::ThenMisses { from: value, miss });
    }
    if chance_stop > aim.chance_stop {
        return Err(Unsolved::ThenStops {
            from: value,
            chance_stop,
        });
    }
    Ok(Solved {
        value,
        miss,
        chance_stop,
        requests: set.requests(alarm, stage),
    })
}

/// Where a setting is looked for.
fn range(gate: &Gate<'_>, knob: Knob, alarm: usize, stage: usize, now: f64) -> (f64, f64) {
    match knob {
        Knob::Bake => (0.0, (30.0 * 86_400.0_f64).min(now.max(86_400.0) * 7.0)),
        Knob::Canary => {
            let before = stage.checked_sub(1).map_or(0.0, |s| gate.stages()[s].share);
            (before.max(1e-4), 0.999)
        }
        Knob::Requests => (1e-3, 1e4),
        Knob::Threshold => match gate.alarms()[alarm].condition {
            Condition::Ratio { .. } | Condition::ControlPlus { .. } => (0.0, 1.0),
            Condition::ControlTest { .. } => (0.0, 40.0),
            other => (0.0, threshold(other).unwrap_or(1.0).max(1.0) * 1e4),
        },
    }
}

/// The least value found from which on something holds, to one part in a thousand or to the grain; values are tried `stride`
/// times apart.
fn least(
    (lowest, highest): (f64, f64),
    grain: f64,
    stride: f64,
    holds: impl Fn(f64) -> Result<bool, Unsolved>,
) -> Result<Option<f64>, Unsolved> {
    if holds(lowest)? {
        return Ok(Some(lowest));
    }
    let mut low = lowest;
    let mut high = lowest.max(grain).max(highest * 1e-6);
    while !holds(high)? {
        low = high;
        if high >= highest {
            return Ok(None);
        }
        high = (high * stride).min(highest);
    }
    while high - low > grain.max(1e-3 * high) {
        let middle = 0.5 * (low + high);
        let middle = if grain > 0.0 {
            (middle / grain).round() * grain
        } else {
            middle
        };
        if middle <= low || middle >= high {
            break;
        }
        if holds(middle)? {
            high = middle;
        } else {
            low = middle;
        }
    }
    Ok(Some(high))
}
