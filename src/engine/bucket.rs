//! What the counts of one bucket are drawn from, and drawing them: the plain way.

use super::event::Instance;
use super::family::{Family, FamilyKind};
use super::law::{BucketLaw, Reading};
use super::rollout::Rollout;
use crate::plan::Fleet;
use crate::random::{Stream, beta, binomial, poisson};

/// The law of one bucket of one instance of a family.
#[derive(Clone, Debug, Default)]
pub(super) struct BucketLaws {
    /// By reading: requests expected.
    pub(super) requests: Vec<f64>,
    /// By reading, then by SLI: the mean bad ratio.
    pub(super) ratios: Vec<Ratio>,
    /// By SLI: how the background's ratio scatters, if it does. All readings share it.
    pub(super) noise: Vec<Option<Noise>>,
    /// Synthetic requests, where these are counted.
    pub(super) probes: Option<u64>,
    /// The new version's share of a zone's traffic when the bucket begins.
    pub(super) new_share: f64,
}

/// A mean bad ratio: what the background and what the fault make of it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Ratio {
    pub(super) background: f64,
    pub(super) excess: f64,
}

impl Ratio {
    /// The bucket's bad ratio where the background lies this far from its mean.
    pub(super) fn with(self, noise: f64) -> f64 {
        ((self.background + noise).clamp(0.0, 1.0) + self.excess).min(1.0)
    }
}

/// The beta distribution of a bucket's background ratio Q, which all readings share as Q - mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Noise {
    pub(super) mean: f64,
    pub(super) a: f64,
    pub(super) b: f64,
}

impl Noise {
    /// With this mean and intra-class correlation, if it scatters.
    pub(super) fn about(mean: f64, correlation: f64) -> Option<Noise> {
        let scatters = correlation > 0.0 && mean > 0.0 && mean < 1.0;
        scatters.then(|| Noise::of(mean, correlation))
    }

    fn of(mean: f64, correlation: f64) -> Noise {
        let weight = (1.0 - correlation) / correlation;
        Noise {
            mean,
            a: mean * weight,
            b: (1.0 - mean) * weight,
        }
    }
}

impl BucketLaws {
    /// Draws a reading's requests and its bad ones on an SLI, where they are not drawn yet. A row holds the counts, then
    /// how far the background lies from its mean, SLI by SLI; NaN where nothing is drawn.
    pub(super) fn draw_cell(
        &self,
        reading: usize,
        sli: Option<usize>,
        row: &mut [f64],
        stream: &mut Stream,
    ) {
        let slis = self.noise.len();
        let slot = reading * (1 + slis);
        if row[slot].is_nan() {
            row[slot] = self.draw_requests(reading, stream) as f64;
        }
        let Some(sli) = sli else { return };
        if !row[slot + 1 + sli].is_nan() {
            return;
        }
        let noise = self.draw_noise_in(sli, row, stream);
        let ratio = self.ratios[reading * slis + sli].with(noise);
        row[slot + 1 + sli] = binomial(row[slot] as u64, ratio, stream) as f64;
    }

    /// Draws how far the background of an SLI lies from its mean, where it is not drawn yet; returns it.
    pub(super) fn draw_noise_in(&self, sli: usize, row: &mut [f64], stream: &mut Stream) -> f64 {
        let noise = &mut row[self.requests.len() * (1 + self.noise.len()) + sli];
        if noise.is_nan() {
            *noise = self.draw_noise_of(sli, stream);
        }
        *noise
    }

    /// Takes back what was drawn of some SLIs, and the requests.
    pub(super) fn forget(&self, slis: std::ops::Range<usize>, requests: bool, row: &mut [f64]) {
        let stride = 1 + self.noise.len();
        let (counts, noise) = row.split_at_mut(self.requests.len() * stride);
        for cells in counts.chunks_exact_mut(stride) {
            cells[1 + slis.start..1 + slis.end].fill(f64::NAN);
            if requests {
                cells[0] = f64::NAN;
            }
        }
        noise[slis].fill(f64::NAN);
    }

    fn draw_noise_of(&self, sli: usize, stream: &mut Stream) -> f64 {
        match self.noise[sli] {
            Some(n) => beta(n.a, n.b, stream) - n.mean,
            None => 0.0,
        }
    }

    /// Draws a bucket: for each reading its requests and, SLI by SLI, the bad ones. `noise` is left holding how far
    /// the background lies from its mean, SLI by SLI.
    pub(super) fn draw(&self, stream: &mut Stream, row: &mut [f64], noise: &mut Vec<f64>) {
        self.draw_noise(stream, noise);
        self.draw_counts(stream, row, noise);
    }

    pub(super) fn draw_noise(&self, stream: &mut Stream, noise: &mut Vec<f64>) {
        noise.clear();
        noise.extend((0..self.noise.len()).map(|sli| self.draw_noise_of(sli, stream)));
    }

    pub(super) fn draw_counts(&self, stream: &mut Stream, row: &mut [f64], noise: &[f64]) {
        for reading in 0..self.requests.len() {
            let n = self.draw_requests(reading, stream);
            self.draw_bad(reading, n, stream, row, noise);
        }
    }

    /// Draws the bad ones of `n` requests of a reading.
    pub(super) fn draw_bad(
        &self,
        reading: usize,
        n: u64,
        stream: &mut Stream,
        row: &mut [f64],
        noise: &[f64],
    ) {
        let slis = self.noise.len();
        let cells = &mut row[reading * (1 + slis)..(reading + 1) * (1 + slis)];
        cells[0] = n as f64;
        for sli in 0..slis {
            let ratio = self.ratios[reading * slis + sli].with(noise[sli]);
            cells[1 + sli] = binomial(n, ratio, stream) as f64;
        }
    }

    /// Adds everything that the law says to a key.
    pub(super) fn key(&self, key: &mut Vec<u64>) {
        key.extend([self.probes.unwrap_or(u64::MAX), self.new_share.to_bits()]);
        key.extend(self.requests.iter().map(|x| x.to_bits()));
        for ratio in &self.ratios {
            key.extend([ratio.background.to_bits(), ratio.excess.to_bits()]);
        }
        for noise in self.noise.iter().flatten() {
            key.extend([noise.mean.to_bits(), noise.a.to_bits()]);
        }
    }

    /// Requests of a reading: Poisson below 1,000 expected, else the expected number rounded, halves up.
    fn draw_requests(&self, reading: usize, stream: &mut Stream) -> u64 {
        match self.certain_requests(reading) {
            Some(n) => n,
            None => poisson(self.requests[reading], stream),
        }
    }

    /// Requests of a reading where they are no matter of chance.
    pub(super) fn certain_requests(&self, reading: usize) -> Option<u64> {
        let expected = self.requests[reading];
        let whole = (expected >= 1000.0).then(|| (expected + 0.5).floor() as u64);
        self.probes.or(whole)
    }
}

/// The intra-class correlation of a bucket's bad requests.
pub(super) fn correlation(dispersion: f64, concentration: f64, family: &Family) -> f64 {
    let one_minute = dispersion * concentration;
    (one_minute * 60.0 / family.bucket_s as f64).min(0.5)
}

/// The sum of the squares of the zones' shares of all traffic; `of_region`: how much each region has of it.
pub(super) fn concentration(fleet: &Fleet, of_region: impl Fn(usize) -> f64) -> f64 {
    let (mut sum, mut squares) = (0.0, 0.0);
    for (r, region) in fleet.regions.iter().enumerate() {
        let traffic = of_region(r);
        sum += traffic;
        squares += traffic * traffic / region.zones.len() as f64;
    }
    if sum > 0.0 {
        squares / (sum * sum)
    } else {
        1.0
    }
}

impl Rollout<'_> {
    /// Gathers the law of a bucket.
    pub(super) fn laws_of_bucket(
        &mut self,
        family: &Family,
        instance: Instance,
        times: (f64, f64),
        laws: &mut BucketLaws,
    ) {
        let mut law = std::mem::take(&mut self.bucket_law);
        laws.requests.clear();
        laws.ratios.clear();
        laws.noise.clear();
        laws.probes = family.probes;
        laws.new_share = self.new_share_from(instance, times.0);
        for &reading in &family.readings {
            let requests = self.bucket_law_of(reading, instance, times, &mut law);
            laws.requests.push(requests);
            laws.ratios.extend(family.slis.iter().map(|&sli| Ratio {
                background: law.mean_background(sli),
                excess: law.mean_excess(sli),
            }));
        }
        if family
            .slis
            .iter()
            .any(|&s| self.plan.slis[s].dispersion > 0.0)
        {
            self.gather_noise(family, instance, times, &mut law, laws);
        } else {
            laws.noise.resize(family.slis.len(), None);
        }
        self.bucket_law = law;
    }

    /// The noise of new and old version of a zone is drawn about the control's mean, or about that of a zone in which
    /// nothing happens, where there is no control.
    fn gather_noise(
        &self,
        family: &Family,
        instance: Instance,
        times: (f64, f64),
        law: &mut BucketLaw,
        laws: &mut BucketLaws,
    ) {
        if family.kind == FamilyKind::NewAndOld {
            if self.bucket_law_of(Reading::Control, instance, times, law) <= 0.0 {
                self.bucket_law_of(Reading::Quiet, instance, times, law);
            }
        } else if family.readings.len() > 1 {
            // The law of an only reading is still at hand.
            self.bucket_law_of(family.readings[0], instance, times, law);
        }
        let concentration = self.concentration(instance, times.0, times.1);
        let noise = family.slis.iter().map(|&sli| {
            let mean = law.mean_background(sli);
            let correlation = correlation(self.plan.slis[sli].dispersion, concentration, family);
            Noise::about(mean, correlation)
        });
        laws.noise.extend(noise);
    }

    /// Sum of the squares of the zones' traffic shares in a bucket.
    pub(super) fn concentration(&self, instance: Instance, from: f64, until: f64) -> f64 {
        let fleet = &self.plan.fleet;
        match instance {
            Instance::Zone(_) => 1.0,
            Instance::Region(r) => 1.0 / fleet.regions[r].zones.len() as f64,
            Instance::Fleet => {
                let (from, until) = (self.unix(from), self.unix(until));
                let lasts = self.traffic.lasts(from, until);
                concentration(fleet, |r| {
                    let region = &fleet.regions[r];
                    if lasts {
                        self.traffic.region_rps[r]
                    } else {
                        region.rps * fleet.curves[region.curve].integral(from, until)
                    }
                })
            }
        }
    }

    /// The law of a population over a bucket; returns the requests expected.
    fn bucket_law_of(
        &self,
        reading: Reading,
        instance: Instance,
        (from, until): (f64, f64),
        law: &mut BucketLaw,
    ) -> f64 {
        let fleet = &self.plan.fleet;
        law.clear(self.plan.slis.len());
        let (index, region, rps) = match instance {
            Instance::Zone(z) => (z, fleet.zones[z].region, fleet.zones[z].rps),
            Instance::Region(r) => (r, r, fleet.regions[r].rps),
            Instance::Fleet => {
                self.add_fleet_law(reading, from, until, law);
                return law.requests;
            }
        };
        let track = self.tracks.of(reading, index);
        // Probes are spread evenly over time, whatever the traffic.
        let curve = &fleet.curves[fleet.regions[region].curve];
        let traffic = (!reading.is_probes()).then_some((curve, self.start));
        track.integrate(from, until, rps, traffic, law);
        law.requests
    }

    /// Adds the law of the whole fleet: that of its regions.
    fn add_fleet_law(&self, reading: Reading, from: f64, until: f64, law: &mut BucketLaw) {
        let fleet = &self.plan.fleet;
        if reading == Reading::Fleet {
            for (r, region) in fleet.regions.iter().enumerate() {
                let traffic = Some((&fleet.curves[region.curve], self.start));
                let track = self.tracks.of(Reading::Region, r);
                track.integrate(from, until, region.rps, traffic, law);
            }
            return;
        }
        // A probe of the fleet meets a region in proportion to the region's traffic at that time.
        let mut at = from;
        while at < until {
            let changes = fleet.curves.iter().map(|c| c.next_change(self.unix(at)));
            let next = changes.fold(f64::INFINITY, f64::min) - self.start;
            let next = next.max(at.next_up()).min(until);
            let rps = |r: usize| {
                let region = &fleet.regions[r];
                region.rps * fleet.curves[region.curve].at(self.unix(at))
            };
            let all: f64 = (0..fleet.regions.len()).map(rps).sum();
            for r in 0..fleet.regions.len() {
                let share = if all > 0.0 { rps(r) / all } else { 0.0 };
                let track = self.tracks.of(Reading::RegionProbes, r);
                track.integrate(at, next, share, None, law);
            }
            at = next;
        }
    }
}
