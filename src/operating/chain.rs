//! An alarm's history as a Markov chain: over the datapoints that its rule remembers, until it fires.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::datapoint::Verdicts;
use crate::plan::{Missing, Rule, SilentFill};

/// More states than this are not followed.
const MOST_STATES: usize = 20_000;

/// CloudWatch looks at this many datapoints more than it needs.
const CLOUDWATCH_EXTRA: u32 = 2;

/// How the datapoints so far lie, with the chance of each way, of those in which the alarm did not fire.
#[derive(Clone, Debug)]
pub struct Chain {
    table: Rc<Table>,
    /// By number of the history.
    chances: Vec<f64>,
    next: Vec<f64>,
}

/// All histories of a rule, and what each datapoint makes of them.
#[derive(Debug)]
struct Table {
    missing: Missing,
    /// By history, for a fine, a missing and a breaching datapoint: the history after it, `FIRES` if the rule is met.
    after: Vec<[u32; 3]>,
}

const FIRES: u32 = u32::MAX;

const FINE: u128 = 1;
const ABSENT: u128 = 2;
const BREACH: u128 = 3;

/// Why a chain cannot be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyStates;

impl Chain {
    /// Nothing is remembered yet, and nothing fired.
    ///
    /// # Errors
    /// The rule remembers more than can be followed.
    pub fn new(rule: Rule, missing: Missing) -> Result<Chain, TooManyStates> {
        let rules = Rules { rule, missing };
        if !rules.fit() {
            return Err(TooManyStates);
        }
        let mut number = BTreeMap::from([(0_u128, 0_u32)]);
        let mut states = vec![0];
        let mut after = Vec::new();
        while after.len() < states.len() {
            let state = states[after.len()];
            let row = [FINE, ABSENT, BREACH].map(|symbol| match rules.after(state, symbol) {
                None => FIRES,
                Some(next) => *number.entry(next).or_insert_with(|| {
                    states.push(next);
                    states.len() as u32 - 1
                }),
            });
            after.push(row);
            if states.len() > MOST_STATES {
                return Err(TooManyStates);
            }
        }
        let mut chances = vec![0.0; states.len()];
        chances[0] = 1.0;
        Ok(Chain {
            next: vec![0.0; states.len()],
            table: Rc::new(Table { missing, after }),
            chances,
        })
    }

    /// The chance that the alarm has not fired.
    pub fn quiet(&self) -> f64 {
        self.chances.iter().sum()
    }

    /// Forgets all datapoints.
    pub fn clear(&mut self) {
        let quiet = self.quiet();
        self.chances.fill(0.0);
        self.chances[0] = quiet;
    }

    /// Given that it has not fired: the histories' chances sum to 1 again.
    pub fn given_quiet(&mut self) {
        let quiet = self.quiet();
        if quiet > 0.0 {
            self.chances.iter_mut().for_each(|p| *p /= quiet);
        }
    }

    /// How many histories there are.
    pub fn states(&self) -> usize {
        self.chances.len()
    }

    /// Takes in so many datapoints with the same chances, if wanted given each time that the alarm does not fire; returns
    /// the chance that it fires at one of them (of no meaning if it is given that it does not), and how many were taken one by
    /// one. Once the proportions of the histories stay as they are, each further datapoint fires with the same chance.
    pub fn take_many(&mut self, verdicts: Verdicts, count: u64, given_quiet: bool) -> (f64, u64) {
        let mut fired = 0.0;
        let mut before: Vec<f64> = Vec::new();
        for done in 1..=count {
            let quiet = self.quiet();
            let fires = self.take(verdicts);
            fired += fires;
            let left = self.quiet();
            if left <= 0.0 {
                return (fired, done);
            }
            if given_quiet {
                self.given_quiet();
            }
            if done == count {
                break;
            }
            let scale = if given_quiet { 1.0 } else { left };
            let now: Vec<f64> = self.chances.iter().map(|p| p / scale).collect();
            if is_same(&before, &now) {
                if !given_quiet {
                    let stays = (count - done) as f64 * libm::log1p(-fires / quiet);
                    fired += left * -libm::expm1(stays);
                    let stays = libm::exp(stays);
                    self.chances.iter_mut().for_each(|p| *p *= stays);
                }
                return (fired, done);
            }
            before = now;
        }
        (fired, count)
    }

    /// Takes a datapoint in; returns the chance that the alarm fires at it and did not before.
    pub fn take(&mut self, verdicts: Verdicts) -> f64 {
        let (mut breach, mut missing) = (verdicts.breach, verdicts.missing);
        let mut fine = (1.0 - breach - missing).max(0.0);
        match self.table.missing {
            Missing::NotBreaching => (fine, missing) = (fine + missing, 0.0),
            Missing::Breaching => (breach, missing) = (breach + missing, 0.0),
            Missing::Skip | Missing::CloudWatch(_) => {}
        }
        self.next.fill(0.0);
        let mut fires = 0.0;
        for (p, after) in self.chances.iter().zip(&self.table.after) {
            if *p == 0.0 {
                continue;
            }
            for (next, chance) in after.iter().zip([fine, missing, breach]) {
                if *next == FIRES {
                    fires += p * chance;
                } else {
                    self.next[*next as usize] += p * chance;
                }
            }
        }
        std::mem::swap(&mut self.chances, &mut self.next);
        fires
    }
}

/// Whether proportions differ by no more than rounding makes of them.
fn is_same(before: &[f64], now: &[f64]) -> bool {
    let close = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-13 * b;
    before.len() == now.len() && before.iter().zip(now).all(close)
}

/// What a rule makes of histories. A history is two bits a datapoint, newest lowest (1 fine, 2 missing, 3 breach); one bit
/// or a number where that is enough.
#[derive(Clone, Copy, Debug)]
struct Rules {
    rule: Rule,
    missing: Missing,
}

impl Rules {
    /// The history after a datapoint, or `None` if the rule is met.
    fn after(self, state: u128, symbol: u128) -> Option<u128> {
        if symbol == ABSENT && self.missing == Missing::Skip {
            return Some(state);
        }
        match (self.rule, self.missing) {
            (Rule::InAll { m }, _) => {
                let count = state + u128::from(symbol == BREACH);
                (count < u128::from(m)).then_some(count)
            }
            (Rule::MOfN { m, n }, Missing::CloudWatch(fill)) => {
                let kept = n + CLOUDWATCH_EXTRA;
                let all = ((state << 2) | symbol) & low_bits(2 * kept);
                (!cloudwatch_alarms(all, kept, m, n, fill)).then_some(all)
            }
            // In a row: only how many came last.
            (Rule::MOfN { m, n }, _) if m == n => {
                let run = if symbol == BREACH { state + 1 } else { 0 };
                (run < u128::from(m)).then_some(run)
            }
            // One bit a datapoint; fine ones before the oldest breach say nothing.
            (Rule::MOfN { m, n }, _) => {
                let all = ((state << 1) | u128::from(symbol == BREACH)) & low_bits(n);
                (all.count_ones() < m).then_some(all & low_bits(n - 1))
            }
        }
    }

    /// Whether a history fits into its bits.
    fn fit(self) -> bool {
        match (self.rule, self.missing) {
            (Rule::InAll { m }, _) => (m as usize) < MOST_STATES,
            (Rule::MOfN { n, .. }, Missing::CloudWatch(_)) => n <= 60,
            (Rule::MOfN { m, n }, _) => (m == n && (m as usize) < MOST_STATES) || n <= 127,
        }
    }
}

fn low_bits(bits: u32) -> u128 {
    if bits >= 128 {
        u128::MAX
    } else {
        (1 << bits) - 1
    }
}

/// Whether a CloudWatch alarm is raised (TOOLS.md 4.1), as in the engine's history; a datapoint of 0 has not been yet.
fn cloudwatch_alarms(all: u128, kept: u32, m: u32, n: u32, fill: SilentFill) -> bool {
    // Oldest first.
    let points: Vec<u128> = (0..kept)
        .rev()
        .map(|i| (all >> (2 * i)) & 3)
        .filter(|&p| p != 0)
        .collect();
    let real: Vec<u128> = points.iter().copied().filter(|&p| p != ABSENT).collect();
    let breaches = |points: &[u128]| points.iter().filter(|&&p| p == BREACH).count();
    let (m, n) = (m as usize, n as usize);
    if real.len() >= n {
        return breaches(&real[real.len() - n..]) >= m;
    }
    let count = breaches(&real);
    if count >= m {
        return true;
    }
    match fill {
        SilentFill::NotBreaching | SilentFill::Ignore => false,
        SilentFill::Breaching => count + (points.len() - real.len()).min(n - real.len()) >= m,
        SilentFill::Missing => {
            let oldest = points.iter().position(|&p| p == BREACH);
            count == real.len() && oldest.is_some_and(|i| points.len() - i >= m)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the alarm fires within a sequence of datapoints, told without a chain: from the whole past each time.
    fn fires_plainly(points: &[u128], rule: Rule, missing: Missing) -> bool {
        (1..=points.len()).any(|so_far| {
            let past: Vec<u128> = points[..so_far]
                .iter()
                .filter_map(|&p| match (p, missing) {
                    (ABSENT, Missing::Skip) => None,
                    (ABSENT, Missing::NotBreaching) => Some(FINE),
                    (ABSENT, Missing::Breaching) => Some(BREACH),
                    (p, _) => Some(p),
                })
                .collect();
            let breaching = |of: &[u128]| of.iter().filter(|&&p| p == BREACH).count();
            match (rule, missing) {
                (Rule::InAll { m }, _) => breaching(&past) >= m as usize,
                (Rule::MOfN { m, n }, Missing::CloudWatch(fill)) => {
                    let kept = n + CLOUDWATCH_EXTRA;
                    let all = past.iter().fold(0, |all, p| (all << 2) | p);
                    cloudwatch_alarms(all & low_bits(2 * kept), kept, m, n, fill)
                }
                (Rule::MOfN { m, n }, _) => {
                    breaching(&past[past.len().saturating_sub(n as usize)..]) >= m as usize
                }
            }
        })
    }

    /// The sum over all 3^8 sequences of eight datapoints.
    #[test]
    fn enumeration_of_all_sequences_finds_the_same() {
        let v = Verdicts {
            breach: 0.3,
            missing: 0.25,
        };
        let fills = [
            SilentFill::Missing,
            SilentFill::Ignore,
            SilentFill::Breaching,
            SilentFill::NotBreaching,
        ];
        let mut modes = vec![Missing::NotBreaching, Missing::Breaching, Missing::Skip];
        modes.extend(fills.map(Missing::CloudWatch));
        let rules = [
            Rule::MOfN { m: 1, n: 1 },
            Rule::MOfN { m: 3, n: 3 },
            Rule::MOfN { m: 2, n: 3 },
            Rule::MOfN { m: 3, n: 5 },
            Rule::InAll { m: 4 },
        ];
        const LENGTH: u32 = 8;
        for missing in modes {
            for rule in rules {
                let mut chain = Chain::new(rule, missing).unwrap();
                let computed: f64 = (0..LENGTH).map(|_| chain.take(v)).sum();
                let mut summed = 0.0;
                for code in 0..3_u32.pow(LENGTH) {
                    let points: Vec<u128> = (0..LENGTH)
                        .map(|i| u128::from(code / 3_u32.pow(i) % 3) + 1)
                        .collect();
                    if fires_plainly(&points, rule, missing) {
                        let chance = |p: &u128| [0.45, 0.25, 0.3][*p as usize - 1];
                        summed += points.iter().map(chance).product::<f64>();
                    }
                }
                assert!(
                    (computed - summed).abs() < 1e-12,
                    "{rule:?} {missing:?}: {computed} {summed}"
                );
                assert!((chain.quiet() + computed - 1.0).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn many_at_once_are_as_many_one_by_one() {
        let v = Verdicts {
            breach: 0.02,
            missing: 0.1,
        };
        let modes = [
            Missing::NotBreaching,
            Missing::Breaching,
            Missing::Skip,
            Missing::CloudWatch(SilentFill::Missing),
        ];
        let rules = [
            Rule::MOfN { m: 1, n: 1 },
            Rule::MOfN { m: 3, n: 5 },
            Rule::MOfN { m: 4, n: 4 },
            Rule::InAll { m: 6 },
        ];
        for missing in modes {
            for rule in rules {
                for given in [false, true] {
                    let mut one = Chain::new(rule, missing).unwrap();
                    let mut many = one.clone();
                    let mut fired = 0.0;
                    for _ in 0..3000 {
                        fired += one.take(v);
                        if given {
                            one.given_quiet();
                        }
                    }
                    let (found, taken) = many.take_many(v, 3000, given);
                    assert!(
                        given || (found - fired).abs() < 1e-10,
                        "{rule:?} {missing:?}"
                    );
                    let off = one.chances.iter().zip(&many.chances);
                    assert!(
                        off.clone().all(|(a, b)| (a - b).abs() < 1e-10),
                        "{rule:?} {missing:?}"
                    );
                    assert!(
                        taken < 500 || matches!(rule, Rule::InAll { .. }),
                        "{rule:?} {taken}"
                    );
                }
            }
        }
    }

    /// MODEL.md section 11: the mean number of datapoints to M in a row is (1 - p^M) / ((1 - p) p^M).
    #[test]
    fn the_mean_time_to_a_run_is_the_known_one() {
        let (p, m) = (0.3_f64, 3);
        let mut chain = Chain::new(Rule::MOfN { m, n: m }, Missing::NotBreaching).unwrap();
        let v = Verdicts {
            breach: p,
            missing: 0.0,
        };
        let mut mean = 0.0;
        for i in 1..=5000 {
            mean += f64::from(i) * chain.take(v);
        }
        let cube = p * p * p;
        assert!((mean - (1.0 - cube) / ((1.0 - p) * cube)).abs() < 1e-9);
    }
}
