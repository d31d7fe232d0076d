//! The new version's share of a zone goes up and down.

use smallvec::smallvec;

use super::event::Event;
use super::rollout::Rollout;
use crate::outcome::BySli;
use crate::random::{NameKey, Purpose};
use crate::trace::What;

impl Rollout<'_> {
    /// A cohort goes live: the zone's share rises to `to`. `name` is the cohort's, for keys.
    pub(super) fn raise_share(&mut self, zone: usize, to: f64, first_step: bool, name: NameKey) {
        let added = to - self.zones[zone].share;
        let (warming, warm_at) = self.drawn_warm_up(name);
        let appears = self.zones[zone].share <= 0.0;
        let wakes_alone = self.wakes_by_cohort();
        let warms = !warming.is_empty();
        let cohort = self.zones[zone].admit(added, first_step, wakes_alone, warming);
        self.share_is(zone, to);
        self.attempt.exposed = true;
        if appears {
            self.exposed_zones += 1;
            self.exposed_in_region[self.plan.fleet.zones[zone].region] += 1;
        }
        self.watchers_see_new_version(zone);
        if warms {
            let attempt = self.draws.attempt;
            let event = Event::WarmUpEnds {
                attempt,
                zone,
                cohort,
            };
            self.queue.push(warm_at, event);
        }
        self.trigger_sees_share(zone);
        self.trigger_sees_cohort(zone, cohort, added, name);
    }

    /// The share of a zone falls.
    pub(super) fn lower_share(&mut self, zone: usize, to: f64) {
        let from = self.zones[zone].share;
        if to > 0.0 {
            self.zones[zone].scale(to / from);
        } else {
            self.zones[zone].cohorts.clear();
        }
        self.share_is(zone, to);
        if to <= 0.0 {
            self.exposed_zones -= 1;
            self.exposed_in_region[self.plan.fleet.zones[zone].region] -= 1;
            self.watchers_see_it_go(zone);
        }
        self.trigger_sees_share(zone);
    }

    fn share_is(&mut self, zone: usize, share: f64) {
        assert!(
            (0.0..=1.0).contains(&share),
            "a share lies between 0 and 1, not at {share}"
        );
        self.zones[zone].share = share;
        self.tell(What::Share { zone, share });
        self.zones[zone].shares.push((self.now, share));
        self.mark_hits(zone);
    }

    /// What a new cohort's requests suffer while it warms up, by SLI, and until when; empty if nothing.
    fn drawn_warm_up(&self, name: NameKey) -> (BySli<f64>, f64) {
        let Some(warm_up) = &self.plan.warm_up else {
            return (BySli::new(), self.now);
        };
        let mut stream = self.draws.anew(Purpose::WarmUp, name);
        let lasts_s = warm_up.lasts.sample(&mut stream);
        let mut adds: BySli<f64> = smallvec![0.0; self.plan.slis.len()];
        for (sli, dist) in &warm_up.adds {
            adds[*sli] = dist.sample(&mut stream).min(1.0);
        }
        if lasts_s <= 0.0 || adds.iter().all(|&a| a <= 0.0) {
            return (BySli::new(), self.now);
        }
        (adds, self.now + lasts_s)
    }

    /// A cohort is warm.
    pub(super) fn warm_up_ends(&mut self, zone: usize, cohort: u32) {
        let wakes_alone = self.wakes_by_cohort();
        let z = &mut self.zones[zone];
        let Some(c) = z.cohorts.iter_mut().find(|c| c.id == cohort) else {
            return;
        };
        c.warming.clear();
        if !wakes_alone {
            z.join_alike();
        }
        self.mark_dirty(zone);
    }
}
