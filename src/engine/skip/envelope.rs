//! How much worse a law may become before anybody has to look again at a process of which no bucket can plausibly matter.
//!
//! Most changes of law are small: some boxes of a region warm up. An envelope says that under any law whose bad ratios stay
//! below some multiple of the usual ones nothing would matter either.

use std::ops::Range;

use super::super::event::Instance;
use super::super::family::Family;
use super::super::rollout::Rollout;
use super::negligible::{MULTIPLES, When};
use super::question::{Askers, Question};

/// Laws under which buckets are negligible.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Envelope {
    /// Up to which multiple of the usual bad ratios; 0 if nothing is known.
    multiple: f64,
    /// From which share of the requests on that reach the metrics.
    visible: f64,
}

impl Rollout<'_> {
    /// The envelope of the present law, for buckets from `from` on. There is one only for families that depend on a single
    /// track, and whose alarms mind nothing but bad ratios.
    pub(super) fn envelope(
        &self,
        family: &Family,
        instance: Instance,
        askers: Askers,
        from: f64,
        when: When,
    ) -> Envelope {
        let asked = || family.asked_by(askers);
        let is_ratio = |question| matches!(question, Question::Ratio { .. });
        let [track] = family.watched_tracks[..] else {
            return Envelope::default();
        };
        if family.probes.is_some() || !asked().all(|(a, _)| is_ratio(a.question)) {
            return Envelope::default();
        }
        let requests = self.requests_of(family, instance, 0, from, when);
        let suffices = |m: &usize| {
            let mut asked = asked();
            asked.all(|(_, enough)| requests.fewest >= enough[*m])
                && self.is_up_to(MULTIPLES[*m], family, instance)
        };
        let Some(multiple) = (0..MULTIPLES.len()).rev().find(suffices) else {
            return Envelope::default();
        };
        let slis = self.plan.slis.len();
        let rows = self.tracks_of(instance);
        let visible = rows.map(|i| self.tracks.of(track, i).row_at(self.now, slis)[0]);
        Envelope {
            multiple: MULTIPLES[multiple],
            visible: visible.fold(f64::INFINITY, f64::min),
        }
    }

    /// Whether the law of an instance that changes at this moment still lies within an envelope, and up to a multiple of the
    /// usual bad ratios.
    pub(super) fn is_within(
        &self,
        envelope: Envelope,
        multiple: f64,
        family: &Family,
        instance: Instance,
    ) -> bool {
        let multiple = f64::min(multiple, envelope.multiple);
        if multiple <= 0.0 {
            return false;
        }
        let (track, slis) = (family.watched_tracks[0], self.plan.slis.len());
        let mut tracks = self.tracks_of(instance).map(|i| self.tracks.of(track, i));
        tracks.all(|track| {
            // Of a fleet's regions those that do not change were within before.
            !track.changed_at(self.now) || {
                let row = track.row_at(self.now, slis);
                row[0] >= envelope.visible && self.row_is_up_to(multiple, row)
            }
        })
    }

    /// Whether the present bad ratios of an instance are no higher than a multiple of the usual ones, and no fault is among
    /// what is bad.
    pub(super) fn is_up_to(&self, multiple: f64, family: &Family, instance: Instance) -> bool {
        let slis = self.plan.slis.len();
        family.watched_tracks.iter().all(|&track| {
            let mut tracks = self.tracks_of(instance).map(|i| self.tracks.of(track, i));
            tracks.all(|track| self.row_is_up_to(multiple, track.row_at(self.now, slis)))
        })
    }

    fn row_is_up_to(&self, multiple: f64, row: &[f64]) -> bool {
        let mut laws = row[1..].chunks_exact(3).zip(&self.plan.slis);
        laws.all(|(law, sli)| {
            law[1] == 0.0 && law[2] == 0.0 && law[0] <= multiple * sli.base * row[0]
        })
    }

    /// Where the tracks of an instance stand among those of their reading.
    fn tracks_of(&self, instance: Instance) -> Range<usize> {
        match instance {
            Instance::Zone(i) | Instance::Region(i) => i..i + 1,
            Instance::Fleet => 0..self.plan.fleet.regions.len(),
        }
    }
}
