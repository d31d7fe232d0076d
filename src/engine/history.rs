//! An alarm instance's history: the datapoints it remembers, and whether they fire it.

use std::collections::VecDeque;

use super::judge::Verdict;
use crate::plan::{Missing, Rule, SilentFill};

/// A datapoint remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Point {
    Fine,
    Missing,
    /// It breached; whether the fault hit the instance during it.
    Breach {
        hit: bool,
    },
}

/// What a history makes of its newest datapoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judgement {
    Quiet,
    /// The rule is met; whether the fault hit the instance during none of the datapoints that breached.
    Fires {
        by_chance: bool,
    },
}

/// CloudWatch looks at this many datapoints more than it needs (the published example: 5 for N = 3).
const CLOUDWATCH_EXTRA: u32 = 2;

/// Datapoints that lie whole periods apart.
#[derive(Clone, Debug, Default)]
struct Phase {
    points: VecDeque<Point>,
    /// Number of the datapoint taken in last.
    last: Option<i64>,
}

/// Datapoints of one alarm instance, in the phases in which the rule counts them.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    /// Datapoints lie `period / every` to a period; those a period apart are counted together.
    phases: Vec<Phase>,
    breaches: u32,
    hit: bool,
}

impl History {
    /// Of an alarm with so many datapoints a period; keeps the memory.
    pub(super) fn set_phases(&mut self, phases: usize) {
        self.phases.resize_with(phases, Phase::default);
    }

    #[cfg(test)]
    fn new(phases: usize) -> History {
        let mut history = History::default();
        history.set_phases(phases);
        history
    }

    pub(super) fn clear(&mut self) {
        for phase in &mut self.phases {
            phase.points.clear();
            phase.last = None;
        }
        self.breaches = 0;
        self.hit = false;
    }

    /// How many datapoints that are counted with this one breach, as far as they are remembered.
    pub(super) fn breaches(&mut self, index: i64, rule: Rule) -> u32 {
        match rule {
            Rule::InAll { .. } => self.breaches,
            Rule::MOfN { .. } => breaching(self.phase_of(index).points.iter()),
        }
    }

    /// How many datapoints of a phase are remembered at the most.
    pub(super) fn remembers(rule: Rule, missing: Missing) -> u32 {
        match (rule, missing) {
            (Rule::InAll { .. }, _) => 0,
            (Rule::MOfN { n, .. }, Missing::CloudWatch(_)) => n + CLOUDWATCH_EXTRA,
            (Rule::MOfN { n, .. }, _) => n,
        }
    }

    fn phase_of(&mut self, index: i64) -> &mut Phase {
        let phase = index.rem_euclid(self.phases.len() as i64) as usize;
        &mut self.phases[phase]
    }

    /// Number of the datapoint taken in last among those whole periods before this one.
    pub(super) fn last_before(&mut self, index: i64) -> Option<i64> {
        self.phase_of(index).last
    }

    /// So many datapoints whole periods before this one, and after all others taken in, were fine.
    pub(super) fn skip(&mut self, index: i64, fine: u32) {
        let points = &mut self.phase_of(index).points;
        (0..fine).for_each(|_| points.push_back(Point::Fine));
    }

    /// Takes a datapoint in and judges. `hit`: whether the fault hit the instance during it.
    pub(super) fn take(
        &mut self,
        index: i64,
        verdict: Verdict,
        hit: bool,
        rule: Rule,
        missing: Missing,
    ) -> Judgement {
        self.phase_of(index).last = Some(index);
        let point = match (verdict, missing) {
            (Verdict::Fine, _) | (Verdict::Missing, Missing::NotBreaching) => Point::Fine,
            (Verdict::Breach, _) | (Verdict::Missing, Missing::Breaching) => Point::Breach { hit },
            (Verdict::Missing, Missing::Skip) => return Judgement::Quiet,
            (Verdict::Missing, Missing::CloudWatch(_)) => Point::Missing,
        };
        match rule {
            Rule::InAll { m } => {
                if let Point::Breach { hit } = point {
                    self.breaches += 1;
                    self.hit |= hit;
                }
                if self.breaches >= m {
                    Judgement::Fires {
                        by_chance: !self.hit,
                    }
                } else {
                    Judgement::Quiet
                }
            }
            Rule::MOfN { m, n } => {
                let kept = History::remembers(rule, missing) as usize;
                let points = &mut self.phase_of(index).points;
                points.push_back(point);
                while points.len() > kept {
                    points.pop_front();
                }
                let fires = match missing {
                    Missing::CloudWatch(fill) => cloudwatch_alarms(points, m, n, fill),
                    _ => breaching(points.iter()) >= m,
                };
                if !fires {
                    return Judgement::Quiet;
                }
                let hit = points
                    .iter()
                    .any(|p| matches!(p, Point::Breach { hit: true }));
                Judgement::Fires { by_chance: !hit }
            }
        }
    }
}

fn breaching<'a>(points: impl Iterator<Item = &'a Point>) -> u32 {
    points
        .map(|p| u32::from(matches!(p, Point::Breach { .. })))
        .sum()
}

/// Whether a CloudWatch alarm "M out of N" goes to (or stays in) ALARM by the datapoints of its evaluation range,
/// oldest first; a range that is not full yet is filled with nothing on its old side.
///
/// With N real datapoints or more only real ones count. With fewer, the shortfall is filled as `fill` says;
/// `missing` and `ignore` fill with nothing. `missing` also raises an alarm early: when no real datapoint is fine and the oldest
/// breaching one is at least M old, counting the newest as 1.
fn cloudwatch_alarms(points: &VecDeque<Point>, m: u32, n: u32, fill: SilentFill) -> bool {
    let real = || points.iter().filter(|p| **p != Point::Missing);
    let real_count = real().count();
    if real_count >= n as usize {
        return breaching(real().skip(real_count - n as usize)) >= m;
    }
    let breaches = breaching(real());
    if breaches >= m {
        return true;
    }
    match fill {
        SilentFill::NotBreaching | SilentFill::Ignore => false,
        // Only datapoints that were due and did not come are filled in, not those before the history began.
        SilentFill::Breaching => {
            let missing = points.iter().filter(|p| **p == Point::Missing).count();
            breaches as usize + missing.min(n as usize - real_count) >= m as usize
        }
        SilentFill::Missing => {
            let none_fine = breaches as usize == real_count;
            let oldest = points
                .iter()
                .position(|p| matches!(p, Point::Breach { .. }));
            none_fine && oldest.is_some_and(|i| points.len() - i >= m as usize)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows published for CloudWatch ("how alarm state is evaluated when data is missing"): newest right.
    /// ALARM or not for missing, ignore, breaching, notBreaching; the state to keep counts as not ALARM.
    const ROWS: [(&str, u32, [bool; 4]); 10] = [
        ("0-X-X", 3, [false, false, false, false]),
        ("0----", 3, [false, false, false, false]),
        ("-----", 3, [false, false, true, false]),
        ("0XX-X", 3, [true, true, true, true]),
        ("--X--", 3, [true, false, true, false]),
        ("0-X-X", 2, [true, true, true, true]),
        ("00X0X", 2, [true, true, true, true]),
        ("0-X--", 2, [false, false, true, false]),
        ("----0", 2, [false, false, true, false]),
        ("---X-", 2, [true, false, true, false]),
    ];

    #[test]
    fn cloudwatch_rows() {
        let fills = [
            SilentFill::Missing,
            SilentFill::Ignore,
            SilentFill::Breaching,
            SilentFill::NotBreaching,
        ];
        for (row, m, expected) in ROWS {
            let points: VecDeque<Point> = row.chars().map(point).collect();
            for (fill, expected) in fills.into_iter().zip(expected) {
                assert_eq!(
                    cloudwatch_alarms(&points, m, 3, fill),
                    expected,
                    "{row} with {m} of 3, {fill:?}"
                );
            }
        }
    }

    #[test]
    fn cloudwatch_raises_early_only_when_the_breach_is_old_enough_and_nothing_was_fine() {
        let alarms = |row: &str| {
            cloudwatch_alarms(&row.chars().map(point).collect(), 3, 3, SilentFill::Missing)
        };
        assert!(!alarms("----X"));
        assert!(!alarms("---X-"));
        assert!(alarms("--X--"));
        assert!(!alarms("0-X--"));
    }

    fn point(c: char) -> Point {
        match c {
            'X' => Point::Breach { hit: false },
            '0' => Point::Fine,
            _ => Point::Missing,
        }
    }

    fn fires(rule: Rule, missing: Missing, row: &str) -> Vec<bool> {
        let mut history = History::new(1);
        row.chars()
            .enumerate()
            .map(|(i, c)| {
                let verdict = match c {
                    'X' => Verdict::Breach,
                    '0' => Verdict::Fine,
                    _ => Verdict::Missing,
                };
                history.take(i as i64, verdict, false, rule, missing) != Judgement::Quiet
            })
            .collect()
    }

    #[test]
    fn m_of_n_looks_at_the_last_n_and_in_all_at_everything() {
        let two_of_three = Rule::MOfN { m: 2, n: 3 };
        assert_eq!(
            fires(two_of_three, Missing::NotBreaching, "X00XX0X"),
            [false, false, false, false, true, true, true]
        );
        assert_eq!(
            fires(Rule::InAll { m: 2 }, Missing::NotBreaching, "X0000X0"),
            [false, false, false, false, false, true, true]
        );
    }

    #[test]
    fn missing_datapoints_count_as_told() {
        let in_a_row = Rule::MOfN { m: 2, n: 2 };
        assert_eq!(
            fires(in_a_row, Missing::NotBreaching, "X-X"),
            [false, false, false]
        );
        assert_eq!(
            fires(in_a_row, Missing::Breaching, "X-0"),
            [false, true, false]
        );
        assert_eq!(
            fires(in_a_row, Missing::Skip, "X-X-0"),
            [false, false, true, false, false]
        );
    }

    #[test]
    fn sliding_datapoints_are_counted_a_period_apart() {
        // Two datapoints a period: 2 of 2 needs two of the same phase.
        let mut history = History::new(2);
        let rule = Rule::MOfN { m: 2, n: 2 };
        let mut take = |i, v| history.take(i, v, true, rule, Missing::NotBreaching);
        assert_eq!(take(10, Verdict::Breach), Judgement::Quiet);
        assert_eq!(take(11, Verdict::Breach), Judgement::Quiet);
        assert_eq!(take(12, Verdict::Fine), Judgement::Quiet);
        assert_eq!(
            take(13, Verdict::Breach),
            Judgement::Fires { by_chance: false }
        );
    }

    #[test]
    fn a_firing_is_by_chance_when_no_breaching_datapoint_saw_the_fault() {
        let mut history = History::new(1);
        let rule = Rule::MOfN { m: 2, n: 3 };
        let mut take = |i, hit| history.take(i, Verdict::Breach, hit, rule, Missing::NotBreaching);
        take(0, false);
        assert_eq!(take(1, false), Judgement::Fires { by_chance: true });
        assert_eq!(take(2, true), Judgement::Fires { by_chance: false });
        take(3, false);
        take(4, false);
        assert_eq!(take(5, false), Judgement::Fires { by_chance: true });
    }
}
