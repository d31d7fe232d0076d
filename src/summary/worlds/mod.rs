//! What many worlds say together: in how many of them a strategy is the better one, and what that depends on.
//!
//! A world is the scenario with its guesses set to draws from their ranges. Here are only the draws and the figures of
//! each; who made them is no matter. All strategies meet the same worlds.

mod sample;
mod split;
mod swing;

pub use sample::Sample;
pub use split::Split;
pub use swing::Swing;

use crate::stats::Estimate;

/// The figures that worlds are compared by. Less is better in all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// 99th percentile of the blast radius of faulty changes.
    BlastRadius,
    /// Requests that faults made bad in 30 days.
    BadRequests,
    /// Median time to full deployment of fault-free changes.
    TimeToFull,
}

impl Figure {
    /// All of them.
    pub const ALL: [Figure; 3] = [Figure::BlastRadius, Figure::BadRequests, Figure::TimeToFull];

    /// Its name in files, where its unit is `unit`.
    pub fn name(self) -> &'static str {
        match self {
            Figure::BlastRadius => "blast_radius_p99",
            Figure::BadRequests => "bad_requests_a_month",
            Figure::TimeToFull => "time_to_full_s_p50",
        }
    }

    /// The unit of its values.
    pub fn unit(self) -> &'static str {
        match self {
            Figure::BlastRadius => "share",
            Figure::BadRequests => "requests",
            Figure::TimeToFull => "s",
        }
    }
}

/// One world: its draws, and for each strategy the figures, in the order of [`Figure::ALL`].
#[derive(Clone, Debug, PartialEq)]
pub struct World {
    /// The draws, input by input.
    pub draws: Vec<f64>,
    /// The figures, strategy by strategy.
    pub figures: Vec<[Option<Estimate>; Figure::ALL.len()]>,
}

/// All worlds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Worlds {
    list: Vec<World>,
}

/// How often one strategy has the smaller figure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Duel {
    /// Worlds in which both have the figure.
    pub worlds: u64,
    /// In which the first has the smaller one.
    pub smaller: u64,
    /// Those of them in which the intervals do not meet: beyond the noise of the rollouts.
    pub clearly_smaller: u64,
    /// In which the first has the larger one.
    pub larger: u64,
    /// Those of them in which the intervals do not meet.
    pub clearly_larger: u64,
}

/// How often a strategy has the smallest figure of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Worlds in which it has, alone.
    pub alone: u64,
    /// In which it has together with others.
    pub shared: u64,
    /// Those in which no other's interval meets its own.
    pub clearly: u64,
}

impl Worlds {
    /// Adds a world.
    pub fn push(&mut self, world: World) {
        self.list.push(world);
    }

    /// The worlds, in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &World> {
        self.list.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    fn figures(&self, figure: Figure, strategy: usize) -> impl Iterator<Item = Option<Estimate>> {
        self.list
            .iter()
            .map(move |w| w.figures[strategy][figure as usize])
    }

    /// The values of a figure in the worlds that have it, the least first.
    pub fn values(&self, figure: Figure, strategy: usize) -> Vec<f64> {
        let values = self.figures(figure, strategy).flatten();
        let mut values: Vec<f64> = values.map(|e| e.value).collect();
        values.sort_by(f64::total_cmp);
        values
    }

    /// Two strategies, by place, world by world.
    pub fn duel(&self, figure: Figure, a: usize, b: usize) -> Duel {
        let mut duel = Duel::default();
        let pairs = self.figures(figure, a).zip(self.figures(figure, b));
        for (a, b) in pairs.filter_map(|(a, b)| a.zip(b)) {
            duel.worlds += 1;
            duel.smaller += u64::from(a.value < b.value);
            duel.clearly_smaller += u64::from(is_below(a, b));
            duel.larger += u64::from(a.value > b.value);
            duel.clearly_larger += u64::from(is_below(b, a));
        }
        duel
    }

    /// How often a strategy has the smallest figure.
    pub fn standing(&self, figure: Figure, strategy: usize) -> Standing {
        let mut standing = Standing::default();
        for world in &self.list {
            let of = |s: usize| world.figures[s][figure as usize];
            let Some(own) = of(strategy) else {
                continue;
            };
            let others = || (0..world.figures.len()).filter(|&s| s != strategy);
            let others = || others().filter_map(of);
            if others().all(|e| own.value < e.value) {
                standing.alone += 1;
                standing.clearly += u64::from(others().all(|e| is_below(own, e)));
            } else if others().all(|e| own.value <= e.value) {
                standing.shared += 1;
            }
        }
        standing
    }

    /// The strategy that has the smallest figure most often, and whichever comes next.
    pub fn leaders(&self, figure: Figure) -> Option<(usize, Option<usize>)> {
        let strategies = self.list.first()?.figures.len();
        let standing = |s: usize| {
            let Standing { alone, shared, .. } = self.standing(figure, s);
            (alone, shared)
        };
        let mut order: Vec<usize> = (0..strategies).collect();
        let standings: Vec<(u64, u64)> = order.iter().map(|&s| standing(s)).collect();
        order.sort_by_key(|&s| std::cmp::Reverse(standings[s]));
        let leader = *order.first()?;
        // Who never leads is ranked by how often it comes before the leader, or level with it.
        let not_behind = |s: usize| {
            let duel = self.duel(figure, s, leader);
            duel.worlds - duel.larger
        };
        let rivals = order.iter().copied().filter(|&s| s != leader);
        let rival = rivals.max_by_key(|&s| (not_behind(s), std::cmp::Reverse(s)));
        Some((leader, rival))
    }
}

/// Whether a figure is smaller beyond the noise of the rollouts: the intervals do not meet.
///
/// With intervals of level c each this is wrong with a chance below 1 - c, and mostly far below: it errs on the side of
/// not telling.
fn is_below(a: Estimate, b: Estimate) -> bool {
    a.high < b.low
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::summary::example::estimate;

    /// Worlds of inputs x and y, evenly spread and crossed, with figures made of them.
    pub fn worlds(n: usize, figures: impl Fn(f64, f64) -> Vec<Estimate>) -> Worlds {
        let mut worlds = Worlds::default();
        for i in 0..n {
            let x = (i as f64 + 0.5) / n as f64;
            // A step that shares no factor with n visits every place once.
            let y = ((i * 83 + 7) % n) as f64 / n as f64;
            let figures = figures(x, y).into_iter().map(|e| [Some(e), None, None]);
            worlds.push(World {
                draws: vec![y, x],
                figures: figures.collect(),
            });
        }
        worlds
    }

    #[test]
    fn duels_count_worlds_and_say_which_are_beyond_noise() {
        // The first is smaller while x < 0.75, by more than both halves of the intervals while x < 0.55 or x > 0.95.
        let worlds = worlds(200, |x, _| vec![estimate(x, 0.1), estimate(0.75, 0.1)]);
        let duel = worlds.duel(Figure::BlastRadius, 0, 1);
        assert_eq!((duel.worlds, duel.smaller, duel.larger), (200, 150, 50));
        assert_eq!((duel.clearly_smaller, duel.clearly_larger), (110, 10));
        let standing = worlds.standing(Figure::BlastRadius, 1);
        assert_eq!(
            (standing.alone, standing.shared, standing.clearly),
            (50, 0, 10)
        );
        assert_eq!(worlds.leaders(Figure::BlastRadius), Some((0, Some(1))));
        assert_eq!(worlds.duel(Figure::TimeToFull, 0, 1), Duel::default());
    }

    #[test]
    fn a_strategy_against_itself_is_never_smaller() {
        let worlds = worlds(50, |x, y| vec![estimate(x + y, 0.0); 3]);
        let duel = worlds.duel(Figure::BlastRadius, 0, 2);
        assert_eq!((duel.smaller, duel.larger), (0, 0));
        assert_eq!(worlds.standing(Figure::BlastRadius, 1).shared, 50);
        assert_eq!(worlds.leaders(Figure::BlastRadius), Some((0, Some(1))));
    }
}
