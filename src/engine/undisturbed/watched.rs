//! What alarms make of undisturbed rollouts: how likely their buckets are to matter, how many of them may.

use super::super::bucket::{BucketLaws, Noise, Ratio, concentration, correlation};
use super::super::family::{Family, FamilyKind};
use super::super::history::History;
use super::super::law::Reading;
use super::super::layout::Layout;
use super::super::skip::{hazard_of_bucket, is_negligible_with};
use super::kinds::{Kind, Program, Shares};
use crate::plan::{Alarm, Grid, Missing, Population, Rule, Watches};

/// Laws whose hazard is found at the most.
const MOST_LAWS: usize = 1_000;

/// What alarms may make of a strategy's undisturbed rollouts. Instances of which nothing can come are left out.
#[derive(Debug)]
pub(super) struct Watched {
    /// By kind of zone.
    pub(super) kinds: Vec<Vec<Store>>,
    /// By region.
    pub(super) regions: Vec<Vec<Store>>,
    pub(super) fleet: Vec<Store>,
}

/// What alarms that read the same counts make of one instance.
#[derive(Debug)]
pub(super) struct Store {
    /// Index of the family.
    pub(super) family: usize,
    /// How long the last of them watches.
    pub(super) until: Watches,
    /// Hazard a second, from each of these states on (index, in order; one for what is no zone).
    pub(super) hazards: Vec<(usize, f64)>,
    /// Hazard of buckets that the watch reaches back to.
    pub(super) before: f64,
    /// States whose beginning cuts a bucket: that one is drawn in full, and may matter.
    pub(super) cuts: Vec<usize>,
    /// What each alarm puts up with, and whether that is all cuts.
    pub(super) patience: Vec<Patience>,
    pub(super) bears_all_cuts: bool,
}

/// How many buckets may matter to an alarm without it firing, whatever comes of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Patience {
    /// In all.
    pub(super) buckets: usize,
    /// Two buckets in which moments lie that are further apart than this many seconds do not count together; infinite where
    /// all do.
    pub(super) forgets_after_s: f64,
}

impl Patience {
    /// A bucket that matters makes so many datapoints that count together breach as cover it.
    fn of(alarm: &Alarm, bucket_s: i64) -> Patience {
        let beyond = alarm.longest_window_s() - bucket_s;
        let apart = match alarm.rule {
            Rule::MOfN { .. } => alarm.period_s,
            Rule::InAll { .. } => alarm.every_s,
        };
        let datapoints = (beyond / i64::from(apart) + 1) as usize;
        let (m, forgets_after_s) = match alarm.rule {
            Rule::InAll { m } => (m, f64::INFINITY),
            // Datapoints that are skipped make the last few reach back further.
            Rule::MOfN { m, .. } if alarm.missing == Missing::Skip => (m, f64::INFINITY),
            Rule::MOfN { m, .. } => {
                let kept = History::remembers(alarm.rule, alarm.missing);
                let span = i64::from(kept.saturating_sub(1)) * i64::from(alarm.period_s);
                (m, (span + alarm.longest_window_s() + bucket_s) as f64)
            }
        };
        Patience {
            buckets: (m.max(1) as usize - 1) / datapoints,
            forgets_after_s,
        }
    }
}

impl Watched {
    /// `None` if alarms watch something of which nothing can be said before.
    pub(super) fn of(layout: &Layout<'_>, program: &Program) -> Option<Watched> {
        let mut laws = Laws {
            layout,
            left: MOST_LAWS,
        };
        let mut kinds = Vec::new();
        for kind in &program.kinds {
            kinds.push(
                laws.of_families(Population::Zone, |laws, family| laws.in_zones(family, kind))?,
            );
        }
        let mut regions: Vec<Vec<Store>> = Vec::new();
        for (index, region) in layout.plan.fleet.regions.iter().enumerate() {
            // Regions like the one before need not be looked at.
            let is_like = index > 0 && {
                let before = &layout.plan.fleet.regions[index - 1];
                (before.rps, before.curve, before.zones.len())
                    == (region.rps, region.curve, region.zones.len())
            };
            regions.push(if is_like {
                regions[index - 1].iter().map(Store::alike).collect()
            } else {
                laws.of_families(Population::Region, |laws, family| {
                    let concentration = 1.0 / region.zones.len() as f64;
                    laws.of_all_traffic(family, (region.rps, Some(region.curve)), concentration)
                })?
            });
        }
        let fleet = laws.of_families(Population::Fleet, |laws, family| {
            let fleet = &layout.plan.fleet;
            let concentration = concentration(fleet, |r| {
                fleet.regions[r].rps * layout.levels[fleet.regions[r].curve].least()
            });
            laws.of_all_traffic(family, (fleet.rps, None), concentration)
        })?;
        Some(Watched {
            kinds,
            regions,
            fleet,
        })
    }
}

impl Store {
    fn of(layout: &Layout<'_>, family: &Family) -> Store {
        let alarms = || family.alarms.iter().map(|&a| &layout.strategy.alarms[a]);
        let until = alarms().map(|a| a.watches).max_by_key(|&w| w as u8);
        Store {
            family: family.number,
            until: until.unwrap_or(Watches::Watch),
            hazards: Vec::new(),
            before: 0.0,
            cuts: Vec::new(),
            bears_all_cuts: true,
            patience: alarms().map(|a| Patience::of(a, family.bucket_s)).collect(),
        }
    }

    /// The same for an instance like this one.
    fn alike(&self) -> Store {
        Store {
            hazards: self.hazards.clone(),
            cuts: self.cuts.clone(),
            patience: self.patience.clone(),
            ..*self
        }
    }

    /// Whether something may come of it.
    fn is_of_interest(&self) -> bool {
        !self.bears_all_cuts || self.hazards.iter().any(|&(_, hazard)| hazard > 0.0)
    }
}

/// Laws of buckets while nothing is wrong.
struct Laws<'l> {
    layout: &'l Layout<'l>,
    /// How many more may be looked at.
    left: usize,
}

impl Laws<'_> {
    /// What families make of instances of a population, as far as something may come of it.
    fn of_families(
        &mut self,
        population: Population,
        mut of: impl FnMut(&mut Self, &Family) -> Option<Store>,
    ) -> Option<Vec<Store>> {
        let layout = self.layout;
        let mut stores = Vec::new();
        for family in layout.families.iter().filter(|f| f.covers() == population) {
            let mut store = of(self, family)?;
            let worst = store.hazards.iter().map(|&(_, hazard)| hazard);
            let worst = worst.fold(0.0, f64::max);
            let (bucket_s, window_s) = (family.bucket_s as f64, family.longest_window_s as f64);
            // Long windows may be left out, or looked at as a whole.
            let is_long = window_s > bucket_s;
            if worst == f64::INFINITY || (is_long && worst > 0.0) {
                return None;
            }
            store.bears_all_cuts = store.patience.iter().all(|p| store.cuts.len() <= p.buckets);
            store.before = worst * (2.0 * bucket_s + window_s);
            if store.is_of_interest() {
                stores.push(store);
            }
        }
        Some(stores)
    }

    /// What a family makes of a kind of zone.
    fn in_zones(&mut self, family: &Family, kind: &Kind) -> Option<Store> {
        if family.kind != FamilyKind::NewAndOld {
            return self.of_all_traffic(family, (kind.rps, Some(kind.curve)), 1.0);
        }
        let mut store = Store::of(self.layout, family);
        let mut before = Shares::default();
        for (index, &shares) in kind.states.iter().enumerate() {
            if family
                .watched_tracks
                .iter()
                .any(|r| r.differs(before, shares))
            {
                store.cuts.push(index);
                let hazard = self.hazard(family, (kind.rps, Some(kind.curve)), 1.0, shares)?;
                store.hazards.push((index, hazard));
            }
            before = shares;
        }
        Some(store)
    }

    /// What a family makes of all traffic of an instance. It has a law that no share changes.
    fn of_all_traffic(
        &mut self,
        family: &Family,
        traffic: (f64, Option<usize>),
        concentration: f64,
    ) -> Option<Store> {
        let hazard = self.hazard(family, traffic, concentration, Shares::default())?;
        Some(Store {
            hazards: vec![(0, hazard)],
            ..Store::of(self.layout, family)
        })
    }

    /// A bound on the hazard a second of an instance with this traffic (nominal requests a second, and their curve; `None`
    /// for the fleet) and these shares on the new version.
    fn hazard(
        &mut self,
        family: &Family,
        (rps, curve): (f64, Option<usize>),
        concentration: f64,
        shares: Shares,
    ) -> Option<f64> {
        let all = &self.layout.levels;
        let (least, most) = match curve {
            Some(curve) => (all[curve].least(), all[curve].most()),
            None => (
                all.iter().map(|l| l.least()).fold(f64::INFINITY, f64::min),
                all.iter().map(|l| l.most()).fold(0.0, f64::max),
            ),
        };
        let side_by_side = match family.kind {
            FamilyKind::NewAndOld => shares.new > 0.0 && shares.new < 1.0,
            _ => true,
        };
        let bucket_s = family.bucket_s as f64;
        let requests = |level: f64| -> Vec<f64> {
            let of = |r: &Reading| match family.probes {
                Some(n) => n as f64,
                None => r.share_of(shares) * rps * level * bucket_s,
            };
            family.readings.iter().map(of).collect()
        };
        if is_negligible_with(family, side_by_side, &requests(least)) {
            return Some(0.0);
        }
        let levels = match curve {
            _ if least == most || family.probes.is_some() => &[most][..],
            Some(curve) => {
                let levels = &all[curve];
                let aligned = levels.changes_every_s % family.bucket_s == 0;
                // Changes of traffic cut buckets.
                if family.grid != Grid::WallClock || !aligned {
                    return None;
                }
                &levels.all
            }
            None => return None,
        };
        let mut worst: f64 = 0.0;
        for &level in levels {
            self.left = self.left.checked_sub(1)?;
            let laws = self.laws(family, requests(level), concentration, shares);
            let hazard = hazard_of_bucket(self.layout, family, side_by_side, &laws);
            worst = worst.max(hazard);
        }
        Some(worst / bucket_s)
    }

    fn laws(
        &self,
        family: &Family,
        requests: Vec<f64>,
        concentration: f64,
        shares: Shares,
    ) -> BucketLaws {
        let slis = || family.slis.iter().map(|&sli| &self.layout.plan.slis[sli]);
        let background = |n: f64, base: f64| if n > 0.0 { base } else { 0.0 };
        let ratios = requests.iter().flat_map(|&n| {
            slis().map(move |sli| Ratio {
                background: background(n, sli.base),
                excess: 0.0,
            })
        });
        let noise = slis().map(|sli| {
            let correlation = correlation(sli.dispersion, concentration, family);
            Noise::about(sli.base, correlation)
        });
        BucketLaws {
            ratios: ratios.collect(),
            noise: noise.collect(),
            requests,
            probes: family.probes,
            new_share: match family.covers() {
                Population::Zone => shares.new,
                _ => 0.0,
            },
        }
    }
}

impl Reading {
    /// The share of a zone's traffic that is read where these are on the new version; all of it where all is read.
    fn share_of(self, shares: Shares) -> f64 {
        let between = shares.new > 0.0 && shares.new < 1.0;
        match self {
            Reading::OneBox => shares.first_step,
            Reading::Canary if between => shares.new,
            Reading::Control if between => 1.0 - shares.new,
            Reading::Canary | Reading::Control => 0.0,
            _ => 1.0,
        }
    }

    /// Whether the law of what is read is another with other shares.
    fn differs(self, one: Shares, other: Shares) -> bool {
        self.share_of(one) != self.share_of(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What an alarm that says this puts up with.
    fn patience(says: &str) -> Patience {
        let text = format!(
            r#"
            format = 1
            scenario = {{ name = "patience" }}
            region.here = {{ rps = 10 }}
            sli.errors = {{ base = "0.1%" }}
            alarm.a = {{ scope = "zone", when = "errors > 1%", {says} }}
            strategy.ours = {{ steps = [{{ to = "100%" }}] }}
            "#
        );
        let scenario = crate::scenario::parse(&text).expect("a scenario");
        let alarms = &scenario.plan.strategies[0].alarms;
        let (families, _) = Family::arrange(&scenario.plan, alarms);
        Patience::of(&alarms[0], families[0].bucket_s)
    }

    fn check(says: &str, buckets: usize, forgets_after_s: f64) {
        let expected = Patience {
            buckets,
            forgets_after_s,
        };
        assert_eq!(patience(says), expected, "{says}");
    }

    #[test]
    fn one_bucket_less_than_a_rule_needs_may_matter() {
        check(
            r#"period = "1m", datapoints = "3 of 5""#,
            2,
            4.0 * 60.0 + 120.0,
        );
        check(r#"period = "1m", datapoints = "1 of 1""#, 0, 120.0);
        check(
            r#"period = "1m", datapoints = "3 in all""#,
            2,
            f64::INFINITY,
        );
        let missing = r#"period = "1m", datapoints = "2 of 3", min_requests = 9"#;
        check(&format!(r#"{missing}, missing = "skip""#), 1, f64::INFINITY);
        // It looks at two datapoints more.
        check(
            &format!(r#"{missing}, missing = "cloudwatch""#),
            1,
            4.0 * 60.0 + 120.0,
        );
    }

    #[test]
    fn a_bucket_counts_as_often_as_datapoints_that_count_together_cover_it() {
        // Five windows of five minutes, one a minute, cover a minute; of those five minutes apart one does.
        let window = r#"window = "5m", every = "1m""#;
        check(
            &format!(r#"{window}, period = "1m", datapoints = "11 of 20""#),
            2,
            19.0 * 60.0 + 360.0,
        );
        check(
            &format!(r#"{window}, period = "5m", datapoints = "3 of 3""#),
            2,
            2.0 * 300.0 + 360.0,
        );
        check(
            &format!(r#"{window}, period = "5m", datapoints = "11 in all""#),
            2,
            f64::INFINITY,
        );
    }
}
