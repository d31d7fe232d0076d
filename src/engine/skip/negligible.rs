//! Whether a bucket can plausibly matter: a few logarithms, and no tail is summed.
//!
//! Chernoff's bounds, each for the worst of the laws in question (the fewest requests, or the most; the highest bad
//! ratio), so that one answer holds for all levels of traffic, or for a bucket that a change of law cuts:
//! - P(Bin(n, p) >= theta n) <= exp(-n kl(theta, p)) for theta > p (Hoeffding 1963), so with a Poisson number of requests
//!   of mean m it is at most exp(-m (1 - exp(-kl)));
//! - P(X >= k) <= exp(-(m - k + k ln(k / m))) for Poisson and binomial counts of mean m < k, and P(X <= k) alike for
//!   m > k;
//! - P(Beta >= q) <= exp(-(a + b) kl(mu, q)) for q above the mean mu (Chernoff's bound for two gamma variates).

use std::cell::Cell;

use super::super::bucket::correlation;
use super::super::event::Instance;
use super::super::family::Family;
use super::super::law::Reading;
use super::super::rollout::Rollout;
use super::question::{Asked, Askers, Question};
use crate::plan::Plan;

/// What is known of a reading over all laws in question.
#[derive(Clone, Copy, Debug)]
pub(super) struct RequestRange {
    /// Requests a bucket: the fewest and the most.
    pub(super) fewest: f64,
    pub(super) most: f64,
}

/// Highest ratios of an SLI.
#[derive(Clone, Copy, Debug, Default)]
struct Highest {
    background: f64,
    excess: f64,
}

/// The traffic in question.
#[derive(Clone, Copy, Debug)]
pub(super) enum When {
    /// At any time.
    Ever,
    /// That of a bucket that ends at this time.
    Until(f64),
}

/// Parts of the way from the background's mean to what a question allows at which bad luck in the background and bad
/// luck in counts are told apart: half-way where both are rare, nearer to the mean where few requests are looked at.
const PARTS: [f64; 5] = [0.5, 0.75, 0.2, 0.05, 0.01];

/// Multiples of its usual value up to which a bad ratio is looked up rather than reckoned with.
pub(super) const MULTIPLES: [f64; 5] = [1.0 + 1e-9, 2.0, 4.0, 8.0, 16.0];

/// By multiple of the usual bad ratio, the number of requests with which a bucket is negligible; infinite where there is
/// no such number.
pub(in super::super) type Enough = [f64; MULTIPLES.len()];

/// The highest bad ratio that is looked up: below it, noise about a higher mean is worse.
const HIGHEST_LOOKED_UP: f64 = 0.25;

/// How the worst of some buckets' bad ratios can come about.
struct Worst {
    highest: Highest,
    /// The highest mean about which the background's noise is drawn, and the weight of its beta distribution; `None`
    /// without noise.
    noise: Option<(f64, f64)>,
    /// The bad ratio that is asked for.
    allowed: f64,
    negligible: f64,
}

impl Worst {
    /// A bound on the chance that counts are beyond, or the background so far up that nothing is said of them: up to a
    /// point between its mean and what is allowed. `beyond`: a bound on the former at a bad ratio.
    fn chance(&self, beyond: impl Fn(f64) -> f64) -> f64 {
        // The whole excess.
        let beyond = |background: f64| beyond(background + self.highest.excess);
        let background = self.highest.background;
        let allowed = self.allowed - self.highest.excess;
        let Some((mean, weight)) = self.noise else {
            return beyond(background);
        };
        if allowed <= background {
            return 1.0;
        }
        // Not even without noise.
        let without = beyond(background);
        if mean <= 0.0 || without > self.negligible {
            return without;
        }
        let mut least = 1.0;
        for part in PARTS {
            let between = background + part * (allowed - background);
            let level = mean + (between - background);
            if level < 1.0 {
                let chance = libm::exp(-weight * kl(mean, level)) + beyond(between);
                least = f64::min(least, chance);
                if least <= self.negligible / 8.0 {
                    break;
                }
            }
        }
        least
    }
}

/// The weight of the background's beta distribution.
pub(super) fn weight_of_noise(dispersion: f64, concentration: f64, family: &Family) -> f64 {
    let correlation = correlation(dispersion, concentration, family);
    (1.0 - correlation) / correlation
}

/// A bound on the chance that the ratio of at least so many requests, bad with chance `p`, is `over` or beyond.
fn tail_of_ratio(over: f64, fewest: f64, p: f64) -> f64 {
    if p >= over || over > 1.0 {
        f64::from(u8::from(p >= over))
    } else {
        libm::exp(-fewest * -libm::expm1(-kl(over, p)))
    }
}

/// By question of a family (by index), with how many requests buckets are negligible while nothing much is wrong: what
/// would be found for them anyhow, found once. Those that need most come first. `concentration`: the largest sum of the
/// squares of the zones' shares of traffic.
pub(in super::super) fn enough_requests(
    plan: &Plan,
    family: &Family,
    concentration: f64,
    negligible: f64,
) -> Vec<(usize, Enough)> {
    let aim = negligible / (2.0 * family.asked.len() as f64);
    let enough = |asked: &Asked, multiple: f64| {
        let Question::Ratio { sli, over, .. } = asked.question else {
            return f64::INFINITY;
        };
        let sli = &plan.slis[family.slis[sli]];
        let ratio = sli.base * multiple;
        if ratio > HIGHEST_LOOKED_UP {
            return f64::INFINITY;
        }
        let weight = weight_of_noise(sli.dispersion, concentration, family);
        let worst = Worst {
            highest: Highest {
                background: ratio,
                excess: 0.0,
            },
            noise: (sli.dispersion > 0.0).then_some((ratio, weight)),
            allowed: over,
            negligible,
        };
        let suffices = |n: f64| worst.chance(|p| tail_of_ratio(over, n - 0.5, p)) <= aim;
        let mut numbers = (0..250).map(|k| libm::pow(1.2, f64::from(k)));
        numbers.find(|&n| suffices(n)).unwrap_or(f64::INFINITY)
    };
    let of_question = |asked: &Asked| MULTIPLES.map(|multiple| enough(asked, multiple));
    let mut all: Vec<(usize, Enough)> = family.asked.iter().map(of_question).enumerate().collect();
    all.sort_by(|(_, a), (_, b)| b[0].total_cmp(&a[0]));
    all
}

/// Buckets of one instance of a family: those that begin at `from`, under all laws on record since then.
struct Buckets<'r, 'e> {
    rollout: &'r Rollout<'e>,
    family: &'r Family,
    instance: Instance,
    from: f64,
    when: When,
    /// What was found out already: by reading, and by SLI as the family counts them.
    ranges: [Cell<Option<RequestRange>>; Reading::ALL.len()],
    means_of_noise: [Cell<Option<f64>>; 4],
}

impl Rollout<'_> {
    /// Whether a bucket that begins at `from` matters to `askers` with a negligible chance only, under all laws on record
    /// since then.
    pub(super) fn is_negligible(
        &self,
        family: &Family,
        instance: Instance,
        askers: Askers,
        from: f64,
        when: When,
    ) -> bool {
        let buckets = self.buckets(family, instance, from, when);
        let mut chance = 0.0;
        let apart =
            !self.side_by_side(instance, from) && !self.side_by_side(instance, self.now.max(from));
        for (asked, enough) in family.asked_by(askers) {
            if apart && asked.side_by_side {
                continue;
            }
            chance += buckets.chance_to_answer(&asked.question, enough);
            if chance > self.layout.negligible {
                return false;
            }
        }
        true
    }
}

impl<'e> Rollout<'e> {
    fn buckets<'r>(
        &'r self,
        family: &'r Family,
        instance: Instance,
        from: f64,
        when: When,
    ) -> Buckets<'r, 'e> {
        Buckets {
            rollout: self,
            family,
            instance,
            from,
            when,
            ranges: Default::default(),
            means_of_noise: Default::default(),
        }
    }

    /// How many requests buckets from `from` on may have, in a reading as the family counts them, and whatever the traffic.
    pub(super) fn requests_at_any_time(
        &self,
        family: &Family,
        instance: Instance,
        reading: usize,
        from: f64,
    ) -> RequestRange {
        self.requests_of(family, instance, reading, from, When::Ever)
    }

    /// How many requests buckets from `from` on may have, in a reading as the family counts them.
    pub(super) fn requests_of(
        &self,
        family: &Family,
        instance: Instance,
        reading: usize,
        from: f64,
        when: When,
    ) -> RequestRange {
        let buckets = self.buckets(family, instance, from, when);
        buckets.range(family.readings[reading])
    }
}

impl Buckets<'_, '_> {
    /// A bound on the chance that a bucket answers a question.
    fn chance_to_answer(&self, question: &Question, enough: &Enough) -> f64 {
        let reading = |position: usize| self.family.readings[position];
        match *question {
            Question::Any | Question::Times { .. } => 1.0,
            Question::Few {
                reading: own,
                under,
                ..
            } => {
                let range = self.range(reading(own));
                if range.fewest > under {
                    tail_of_count(under, range.fewest)
                } else {
                    1.0
                }
            }
            Question::FewerThanControl {
                reading: own,
                control,
                share,
            } => self.chance_of_fewer(reading(own), reading(control), share),
            Question::Count {
                reading: own,
                sli,
                over,
                ..
            } => {
                let most = self.range(reading(own)).most;
                let worst = self.worst(reading(own), sli, over / most);
                worst.chance(|p| match most * p {
                    mean if mean <= 0.0 => 0.0,
                    mean if mean < over => tail_of_count(over, mean),
                    _ => 1.0,
                })
            }
            Question::Ratio {
                reading: own,
                sli,
                over,
                ..
            } => {
                let fewest = self.range(reading(own)).fewest;
                if fewest >= self.enough(reading(own), sli, enough) {
                    return self.rollout.layout.negligible / (2.0 * self.family.asked.len() as f64);
                }
                // The number of requests may have been rounded by one half.
                let fewest = (fewest - 0.5).max(0.0);
                let worst = self.worst(reading(own), sli, over);
                worst.chance(|p| tail_of_ratio(over, fewest, p))
            }
        }
    }

    /// The chance that the requests of the first reading are no more than `share` of the control's, per share of traffic:
    /// that they are fewer than a number between what is expected of both, or those of the control more.
    fn chance_of_fewer(&self, own: Reading, control: Reading, share: f64) -> f64 {
        let own = self.range(own);
        let control = self.range(control);
        let new = match self.instance {
            Instance::Zone(z) => self.rollout.zones[z].largest_share_since(self.from),
            Instance::Region(_) | Instance::Fleet => return 1.0,
        };
        let asked = share * new / (1.0 - new) * control.most;
        // Numbers from 1,000 on are rounded, not drawn: half a request more or less.
        if new >= 1.0 || asked >= own.fewest - 1.0 {
            return 1.0;
        }
        let between = libm::sqrt(asked.max(1.0) * own.fewest);
        let of_control = between * control.most / asked;
        tail_of_count(between, own.fewest) + tail_of_count(of_control, control.most)
    }

    /// The worst of an SLI in a reading, where a bad ratio is asked for.
    fn worst(&self, reading: Reading, sli: usize, allowed: f64) -> Worst {
        let dispersion = self.rollout.plan.slis[self.family.slis[sli]].dispersion;
        let noise = (dispersion > 0.0).then(|| {
            let weight = weight_of_noise(dispersion, self.concentration(), self.family);
            (self.highest_mean_of_noise(sli), weight)
        });
        Worst {
            highest: self.highest(reading, self.family.slis[sli]),
            noise,
            allowed,
            negligible: self.rollout.layout.negligible,
        }
    }

    /// The number of requests that suffices at the bad ratio of an SLI in a reading, and at what its noise is drawn about.
    fn enough(&self, reading: Reading, sli: usize, enough: &Enough) -> f64 {
        let of = &self.rollout.plan.slis[self.family.slis[sli]];
        let highest = self.highest(reading, self.family.slis[sli]);
        let mean = if of.dispersion > 0.0 {
            self.highest_mean_of_noise(sli)
        } else {
            0.0
        };
        // All that is bad taken for background is worse: its noise is drawn about a higher mean.
        let ratio = f64::max(highest.background + highest.excess, mean);
        let multiple = MULTIPLES.iter().position(|m| ratio <= of.base * m);
        multiple.map_or(f64::INFINITY, |multiple| enough[multiple])
    }

    /// The largest sum of the squares of the zones' shares of traffic.
    fn concentration(&self) -> f64 {
        match (self.instance, self.when) {
            (Instance::Fleet, When::Ever) => self.rollout.layout.most_concentrated,
            (_, When::Ever) => self
                .rollout
                .concentration(self.instance, self.from, self.from),
            (_, When::Until(until)) => self.rollout.concentration(self.instance, self.from, until),
        }
    }

    /// The highest mean about which noise is drawn.
    fn highest_mean_of_noise(&self, sli: usize) -> f64 {
        let found = self.means_of_noise.get(sli);
        if let Some(mean) = found.and_then(Cell::get) {
            return mean;
        }
        let readings = self.family.watched_tracks.iter();
        let means = readings.map(|&r| self.highest(r, self.family.slis[sli]).background);
        let highest = means.fold(0.0, f64::max);
        if let Some(found) = found {
            found.set(Some(highest));
        }
        highest
    }

    /// How many requests a bucket of a reading may have.
    fn range(&self, reading: Reading) -> RequestRange {
        let found = &self.ranges[reading as usize];
        let range = found.get().unwrap_or_else(|| self.find_range(reading));
        found.set(Some(range));
        range
    }

    fn find_range(&self, reading: Reading) -> RequestRange {
        if let Some(n) = self.family.probes {
            let n = n as f64;
            return RequestRange { fewest: n, most: n };
        }
        let fleet = &self.rollout.plan.fleet;
        let mut range = RequestRange {
            fewest: 0.0,
            most: 0.0,
        };
        let mut add = |track: Reading, index: usize, region: usize, rps: f64| {
            let (low, high) = self.seconds_of_traffic(region);
            let (mut least, mut most) = (f64::INFINITY, 0.0);
            for row in self
                .rollout
                .tracks
                .of(track, index)
                .rows_since(self.from, self.rollout.plan.slis.len())
            {
                least = f64::min(least, row[0]);
                most = f64::max(most, row[0]);
            }
            range.fewest += rps * low * least;
            range.most += rps * high * most;
        };
        match self.instance {
            Instance::Zone(z) => add(reading, z, fleet.zones[z].region, fleet.zones[z].rps),
            Instance::Region(r) => add(reading, r, r, fleet.regions[r].rps),
            Instance::Fleet => {
                for (r, region) in fleet.regions.iter().enumerate() {
                    add(Reading::Region, r, r, region.rps);
                }
            }
        }
        range
    }

    /// The least and the most traffic of a region in a bucket, in seconds of its nominal traffic.
    fn seconds_of_traffic(&self, region: usize) -> (f64, f64) {
        let rollout = self.rollout;
        let curve = rollout.plan.fleet.regions[region].curve;
        let length_s = self.family.bucket_s as f64;
        match self.when {
            When::Ever => {
                let levels = &rollout.layout.levels[curve];
                (length_s * levels.least(), length_s * levels.most())
            }
            When::Until(until) => {
                let (from, until) = (rollout.unix(self.from), rollout.unix(until));
                let seconds = if rollout.traffic.lasts(from, until) {
                    length_s * rollout.traffic.multiplier(&rollout.plan.fleet, region)
                } else {
                    rollout.plan.fleet.curves[curve].integral(from, until)
                };
                (seconds, seconds)
            }
        }
    }

    /// The highest mean ratios of an SLI in a reading.
    fn highest(&self, reading: Reading, sli: usize) -> Highest {
        let mut highest = Highest::default();
        let mut look = |track: Reading, index: usize| {
            for row in self
                .rollout
                .tracks
                .of(track, index)
                .rows_since(self.from, self.rollout.plan.slis.len())
            {
                if row[0] > 0.0 {
                    let law = &row[1 + 3 * sli..4 + 3 * sli];
                    highest.background = highest.background.max(law[0] / row[0]);
                    // A ramp is looked at bucket by bucket; here it counts in full.
                    let excess = if law[2] > 0.0 { 1.0 } else { law[1] / row[0] };
                    highest.excess = highest.excess.max(excess);
                }
            }
        };
        match self.instance {
            Instance::Zone(i) | Instance::Region(i) => look(reading, i),
            Instance::Fleet => {
                let track = self.family.watched_tracks[0];
                (0..self.rollout.plan.fleet.regions.len()).for_each(|r| look(track, r));
            }
        }
        highest
    }
}

/// Kullback and Leibler's divergence of two chances, kl(x, p) = x ln(x/p) + (1-x) ln((1-x)/(1-p)).
fn kl(x: f64, p: f64) -> f64 {
    let part = |x: f64, p: f64| match (x > 0.0, p > 0.0) {
        (false, _) => 0.0,
        (true, false) => f64::INFINITY,
        (true, true) => x * libm::log(x / p),
    };
    part(x, p) + part(1.0 - x, 1.0 - p)
}

/// A bound on the chance that a Poisson or binomial count of this mean lies beyond `k`, seen from the mean.
pub(super) fn tail_of_count(k: f64, mean: f64) -> f64 {
    let log = if k > 0.0 {
        k * libm::log(k / mean)
    } else {
        0.0
    };
    libm::exp(-(mean - k + log)).min(1.0)
}
