//! How many rollouts a precision takes.
//!
//! Whoever stops when an interval looks narrow enough stops more often where chance made it narrow, and the interval then
//! covers less than it says. So the number is decided by *pilot* runs that take no part in the result: the run that
//! follows is independent of its own length, and every interval keeps its level whatever the rule was (a two-stage
//! procedure after Stein, "A Two-Sample Test for a Linear Hypothesis Whose Power is Independent of the Variance", Annals
//! of Mathematical Statistics 16, 1945, without his reuse of the first sample). What is not guaranteed is that the target
//! is met to the last digit.

use std::io;
use std::ops::ControlFlow;

use super::{Observer, Settings, Stopped, run};
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::summary::Summary;

/// How well the headline figures are to be known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Precision {
    /// Half of an interval's width over its figure, at most: 0.02.
    pub target: f64,
    /// The most rollouts of each strategy.
    pub at_most: u64,
}

/// What a pilot says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Planned {
    /// Rollouts of each strategy to simulate.
    pub runs: u64,
    /// How many the target takes, as far as is known; more than `runs` where the cap is less.
    pub wanted: u64,
    /// Rollouts of each strategy that the pilots took.
    pub pilots: u64,
}

/// Rollouts of the first pilot, and of the shortest run.
const FIRST: u64 = 1_000;
/// How many times more the next pilot has, and to how many times more a pilot's widths are trusted.
const GROWTH: u64 = 4;
/// What is added so that the target is likely met.
const MARGIN: f64 = 1.1;
/// Sets the seed of pilots apart: the whole part of 2^64 over the golden ratio.
const OF_PILOTS: u64 = 0x9e37_79b9_7f4a_7c15;

/// How many rollouts bring the headline figures of all strategies to a precision ([`Summary::widest`]).
///
/// `settings.runs` is not looked at.
///
/// # Errors
/// As [`run`].
pub fn runs_for(
    plan: &Plan,
    strategies: &[usize],
    settings: &Settings,
    precision: Precision,
    observer: &mut dyn Observer,
) -> Result<Planned, Stopped> {
    let mut watch = OnlyProgress(observer);
    plan_runs(precision, |runs| {
        let pilot = Settings {
            seed: settings.seed ^ OF_PILOTS,
            runs,
            courses: 0,
            ..settings.clone()
        };
        run(plan, strategies, &pilot, &mut watch).map(|summary| summary.widest())
    })
}

/// The rule: pilots that grow until one of them is long enough to foretell the rest. `pilot` says how wide the widest
/// interval of a pilot of so many rollouts is.
fn plan_runs<E>(
    precision: Precision,
    mut pilot: impl FnMut(u64) -> Result<f64, E>,
) -> Result<Planned, E> {
    let mut pilots = 0;
    let mut runs = FIRST;
    loop {
        let runs_of_pilot = runs.min(precision.at_most);
        let width = pilot(runs_of_pilot)?;
        pilots += runs_of_pilot;
        // Widths fall with the square root of the number.
        let factor = MARGIN * (width / precision.target) * (width / precision.target);
        let wanted = rounded_up(runs_of_pilot as f64 * factor).max(FIRST);
        let is_trusted = wanted <= GROWTH * runs_of_pilot;
        if is_trusted || GROWTH * runs_of_pilot >= precision.at_most {
            return Ok(Planned {
                runs: wanted.min(precision.at_most),
                wanted,
                pilots,
            });
        }
        runs *= GROWTH;
    }
}

/// To two digits, upwards: a number that people type again. What is too large becomes the largest number.
fn rounded_up(x: f64) -> u64 {
    if x.is_infinite() {
        return u64::MAX;
    }
    let unit = libm::pow(10.0, libm::floor(libm::log10(x.max(1.0))) - 1.0).max(1.0);
    (libm::ceil(x / unit - 1e-9) * unit) as u64
}

/// Lets a pilot's progress through, and nothing else.
struct OnlyProgress<'o>(&'o mut dyn Observer);

impl Observer for OnlyProgress<'_> {
    fn outcome(&mut self, _: usize, _: &Outcome, _: f64) -> io::Result<()> {
        Ok(())
    }

    fn progress(&mut self, done: u64, total: u64, summary: &Summary) -> ControlFlow<()> {
        self.0.progress(done, total, summary)
    }

    fn waiting(&mut self, simulated: u64, total: u64) -> ControlFlow<()> {
        self.0.waiting(simulated, total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{NameKey, Purpose, RolloutKey};
    use crate::stats::{Estimate, Moments, Support, mean};
    use crate::summary::relative_width;
    use std::convert::Infallible;

    fn planned(target: f64, at_most: u64, width_of_one: f64) -> Planned {
        let precision = Precision { target, at_most };
        let width = |runs: u64| Ok::<_, Infallible>(width_of_one / libm::sqrt(runs as f64));
        let Ok(planned) = plan_runs(precision, width);
        planned
    }

    #[test]
    fn what_is_narrow_already_takes_no_more() {
        let easy = planned(0.5, 1_000_000, 1.0);
        assert_eq!((easy.runs, easy.wanted, easy.pilots), (1_000, 1_000, 1_000));
    }

    #[test]
    fn pilots_grow_until_they_foretell_the_rest() {
        // A relative width of 1 over the root of the number: 2% takes 2,500, and a margin.
        let near = planned(0.02, 1_000_000, 1.0);
        assert_eq!((near.runs, near.pilots), (2_800, 1_000));
        let far = planned(0.005, 1_000_000, 1.0);
        assert_eq!((far.runs, far.pilots), (44_000, 1_000 + 4_000 + 16_000));
    }

    #[test]
    fn the_cap_holds_and_what_is_wanted_is_told() {
        let capped = planned(0.001, 50_000, 1.0);
        assert_eq!((capped.runs, capped.wanted), (50_000, 1_100_000));
        assert_eq!(capped.pilots, 1_000 + 4_000 + 16_000);
        let hopeless = planned(1e-9, 2_000, f64::INFINITY);
        assert_eq!((hopeless.runs, hopeless.wanted), (2_000, u64::MAX));
    }

    /// The moments of the first skewed draws, 0, 1, 2, ... of them (of an exponential to the power of 3: its mean is 6).
    fn moments(seed: u64) -> impl Iterator<Item = Moments> {
        (0..).scan(Moments::default(), move |moments, number| {
            let before = *moments;
            let key = RolloutKey::new(seed, NameKey::of("a"), number);
            let x = key
                .stream(Purpose::Bootstrap, 0, NameKey::NONE)
                .exponential();
            moments.add(x * x * x);
            Some(before)
        })
    }

    fn interval(moments: Moments) -> Option<Estimate> {
        mean(&moments, Support::NON_NEGATIVE, 0.95)
    }

    /// A mean is to be known to a half. Over 2,000 repetitions the interval of a run that a pilot planned covers the mean
    /// about as often as any of its length, and that of one who looks after every draw and stops when it is narrow
    /// does not.
    #[test]
    fn planned_runs_keep_their_coverage_and_peeking_does_not() {
        const MEAN: f64 = 6.0;
        const TARGET: f64 = 0.5;
        let covers = |e: Estimate| e.low <= MEAN && MEAN <= e.high;
        let of_run = |seed, n: u64| {
            let moments = moments(seed).nth(n as usize);
            moments.and_then(interval).expect("draws have a mean")
        };
        let (mut by_plan, mut by_peeking) = (0, 0);
        for seed in 0..2_000 {
            let precision = Precision {
                target: TARGET,
                at_most: 1_000_000,
            };
            let pilot = |runs| Ok::<_, Infallible>(relative_width(of_run(seed ^ OF_PILOTS, runs)));
            let Ok(planned) = plan_runs(precision, pilot);
            by_plan += u32::from(covers(of_run(seed, planned.runs)));
            let looks = moments(seed).skip(5).filter_map(interval);
            let mut narrow = looks.filter(|e| relative_width(*e) <= TARGET);
            by_peeking += u32::from(narrow.next().is_some_and(covers));
        }
        // 95% of 2,000, less three standard errors.
        assert!(by_plan >= 1_870, "{by_plan}");
        assert!(by_peeking < 1_830, "{by_peeking}");
    }
}
