//! The courses of some rollouts: how far changes were out, and what they hit, through time.

use super::Group;
use crate::course::{Course, Point};
use crate::plan::{Plan, Stratum};

/// The first courses of each strategy and stratum. Memory does not grow with the number of rollouts.
#[derive(Clone, Debug)]
pub struct Courses {
    /// Courses kept of each strategy and stratum.
    each: usize,
    strata: Vec<(Stratum, f64)>,
    strategies: Vec<OfStrategy>,
}

#[derive(Clone, Debug)]
struct OfStrategy {
    /// Index in the plan.
    index: usize,
    /// By stratum.
    courses: Vec<Vec<Course>>,
}

/// What is asked of a course.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// The share of the fleet's traffic on the new version.
    Exposed,
    /// The share of the fleet's traffic that the fault hits.
    Hit,
}

impl Share {
    fn of(self, point: Point) -> f64 {
        f64::from(match self {
            Share::Exposed => point.exposed,
            Share::Hit => point.hit,
        })
    }
}

impl Courses {
    /// Courses kept of each strategy and stratum where there are few of these.
    const MOST: usize = 400;
    /// Courses kept of all of them, some tens of megabytes.
    const ALTOGETHER: usize = 24_000;

    /// None yet, of these strategies (by index in the plan).
    pub fn new(plan: &Plan, strategies: &[usize]) -> Courses {
        let strata: Vec<(Stratum, f64)> = plan
            .strata()
            .into_iter()
            .map(|s| (s, plan.stratum_weight(s)))
            .collect();
        let cells = (strategies.len() * strata.len()).max(1);
        let strategy = |&index: &usize| OfStrategy {
            index,
            courses: vec![Vec::new(); strata.len()],
        };
        Courses {
            each: (Courses::ALTOGETHER / cells).clamp(1, Courses::MOST),
            strategies: strategies.iter().map(strategy).collect(),
            strata,
        }
    }

    /// How many are kept of each strategy and stratum.
    pub fn each(&self) -> usize {
        self.each
    }

    /// Keeps a course of a strategy (by index in the plan), while there is room.
    pub fn add(&mut self, strategy: usize, stratum: Stratum, course: Course) {
        let is_this = |(s, _): &(Stratum, f64)| *s == stratum;
        let stratum = self.strata.iter().position(is_this);
        let strategy = self.strategies.iter_mut().find(|s| s.index == strategy);
        if let (Some(strategy), Some(stratum)) = (strategy, stratum) {
            let courses = &mut strategy.courses[stratum];
            if courses.len() < self.each {
                courses.push(course);
            }
        }
    }

    /// The number kept of a strategy in a group.
    pub fn n(&self, strategy: usize, group: Group) -> usize {
        self.of(strategy, group).count()
    }

    /// Quantiles of a share at some times: for each time those asked for, in order. Strata count with the scenario's
    /// weights. Empty where no course is kept.
    pub fn quantiles(
        &self,
        strategy: usize,
        group: Group,
        share: Share,
        times_s: &[f64],
        asked: &[f64],
    ) -> Vec<Vec<f64>> {
        let mut courses: Vec<(f64, &Course)> = self.of(strategy, group).collect();
        courses.retain(|(weight, _)| *weight > 0.0);
        if courses.is_empty() {
            return Vec::new();
        }
        let total: f64 = courses.iter().map(|(weight, _)| weight).sum();
        let at = |&time: &f64| {
            let mut values: Vec<(f64, f64)> = courses
                .iter()
                .map(|(weight, course)| (share.of(course.at(time)), weight / total))
                .collect();
            values.sort_by(|a, b| a.0.total_cmp(&b.0));
            asked.iter().map(|p| quantile(&values, *p)).collect()
        };
        times_s.iter().map(at).collect()
    }

    /// The moments, in seconds, at which something changed in any course of a group, in no order.
    pub fn changes(
        &self,
        strategy: usize,
        group: Group,
        share: Share,
    ) -> impl Iterator<Item = f64> + '_ {
        self.of(strategy, group).flat_map(move |(_, course)| {
            let mut before = 0.0;
            course.points.iter().filter_map(move |point| {
                let now = share.of(*point);
                let changed = std::mem::replace(&mut before, now) != now;
                changed.then_some(f64::from(point.at_s))
            })
        })
    }

    /// When each wave begins and ends, in seconds: medians over the rollouts of a group that come to it. An end is
    /// infinite where most do not get there.
    pub fn waves(&self, strategy: usize, group: Group) -> Vec<(f64, f64)> {
        let courses: Vec<&Course> = self.of(strategy, group).map(|(_, c)| c).collect();
        let most = courses.iter().map(|c| c.waves.len()).max().unwrap_or(0);
        let median = |mut times: Vec<f64>| {
            times.sort_by(f64::total_cmp);
            times[(times.len() - 1) / 2]
        };
        let wave = |i: usize| {
            let times: Vec<(f32, f32)> = courses
                .iter()
                .filter_map(|c| c.waves.get(i).copied())
                .collect();
            let begins = times.iter().map(|t| f64::from(t.0)).collect();
            let ends = times.iter().map(|t| f64::from(t.1)).collect();
            (median(begins), median(ends))
        };
        (0..most).map(wave).collect()
    }

    /// The courses of a group, with the weight of each.
    fn of(&self, strategy: usize, group: Group) -> impl Iterator<Item = (f64, &Course)> {
        let strategy = self.strategies.iter().find(|s| s.index == strategy);
        let cells = strategy.map_or(&[][..], |s| &s.courses);
        let cells = self.strata.iter().zip(cells);
        cells
            .filter(move |((stratum, _), _)| group.contains(*stratum))
            .flat_map(|((_, weight), courses)| {
                let each = weight / courses.len().max(1) as f64;
                courses.iter().map(move |course| (each, course))
            })
    }
}

/// The least value with at least this share of the weight at or below it; values are sorted, weights sum to 1.
fn quantile(values: &[(f64, f64)], p: f64) -> f64 {
    let mut below = 0.0;
    for (value, weight) in values {
        below += weight;
        if below >= p - 1e-9 {
            return *value;
        }
    }
    values.last().map_or(0.0, |(value, _)| *value)
}

#[cfg(test)]
mod tests {
    use super::super::example::plan;
    use super::*;

    fn course(at_s: f32, hit: f32, waves: &[(f32, f32)]) -> Course {
        let mut course = Course {
            waves: waves.to_vec(),
            ..Course::default()
        };
        course.push(Point {
            at_s,
            exposed: 1.0,
            hit,
        });
        course
    }

    #[test]
    fn strata_count_with_their_weights() {
        let plan = plan(0.5, &[1.0, 3.0], &["s"]);
        let mut courses = Courses::new(&plan, &[0]);
        // Two of the rarer fault, one of the commoner: the latter still has three quarters of the weight.
        courses.add(0, Stratum::Fault(0), course(10.0, 0.1, &[]));
        courses.add(0, Stratum::Fault(0), course(10.0, 0.2, &[]));
        courses.add(0, Stratum::Fault(1), course(20.0, 0.4, &[]));
        assert_eq!(courses.n(0, Group::Faulty), 3);
        let asked = [0.1, 0.2, 0.3, 0.9];
        let quantiles = courses.quantiles(0, Group::Faulty, Share::Hit, &[0.0, 15.0, 25.0], &asked);
        let single = |x: f32| f64::from(x);
        assert_eq!(quantiles[0], [0.0; 4]);
        assert_eq!(quantiles[1], [0.0, 0.0, 0.0, single(0.2)]);
        assert_eq!(
            quantiles[2],
            [single(0.1), single(0.2), single(0.4), single(0.4)]
        );
    }

    #[test]
    fn waves_are_medians_of_those_that_come_to_them() {
        let plan = plan(0.5, &[1.0], &["s"]);
        let mut courses = Courses::new(&plan, &[0]);
        for (begin, end) in [(1.0, 5.0), (2.0, f32::INFINITY), (3.0, f32::INFINITY)] {
            courses.add(0, Stratum::FaultFree, course(1.0, 0.0, &[(begin, end)]));
        }
        courses.add(
            0,
            Stratum::FaultFree,
            course(1.0, 0.0, &[(9.0, 9.5), (10.0, 11.0)]),
        );
        let waves = courses.waves(0, Group::FAULT_FREE);
        assert_eq!(waves, [(2.0, 9.5), (10.0, 11.0)]);
    }

    #[test]
    fn only_the_first_are_kept() {
        let plan = plan(0.5, &[1.0], &["s"]);
        let mut courses = Courses::new(&plan, &[0]);
        for _ in 0..=Courses::MOST {
            courses.add(0, Stratum::FaultFree, Course::default());
        }
        assert_eq!(courses.n(0, Group::All), Courses::MOST);
        assert!(
            courses
                .quantiles(0, Group::Faulty, Share::Hit, &[1.0], &[0.5])
                .is_empty()
        );
    }
}
