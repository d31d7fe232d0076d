"""The yardstick (../yardstick.toml) as one would write it in SimPy: a process a zone, an event a datapoint.

    python yardstick.py ROLLOUTS.csv [ROLLOUTS]

ROLLOUTS.csv holds rollouts of landfall, kept with `--keep all`. Simulates as many rollouts of each kind here (2,000,
unless told), prints how many there were in a second, and compares what came of them: how they ended by a chi-square
test, times by Kolmogorov and Smirnov's. Exits with 1 if a p-value is below 1e-6.
"""

import csv
import math
import sys
import time
from collections import Counter, deque

import numpy
import simpy
from scipy import stats

ZONES = 75
REQUESTS_A_MINUTE = 600  # of one box: a 40th of a zone with 400 a second
BASE, ADDED, THRESHOLD = 0.001, 0.02, 0.01
BAKE = 3_600.0
MEAN_DELAY = 2 * 3_600.0
Z95 = 1.6448536269514722


def lognormal(rng, low, high):
    """Minutes to seconds, from the 5th and the 95th percentile."""
    mu = (math.log(low) + math.log(high)) / 2
    sigma = (math.log(high) - math.log(low)) / (2 * Z95)
    return 60.0 * rng.lognormal(mu, sigma)


class Rollout:
    def __init__(self, rng, faulty):
        self.rng, self.faulty = rng, faulty
        self.env = simpy.Environment()
        self.onset = math.inf
        self.exposed = False
        self.stopped = self.env.event()
        self.detected_after = None
        self.at_stake = [False] * ZONES
        zones = [self.env.process(self.zone(z)) for z in range(ZONES)]
        self.done = simpy.AllOf(self.env, zones)

    def zone(self, z):
        yield self.env.timeout(lognormal(self.rng, 2, 6))
        if self.stopped.triggered:
            return
        self.at_stake[z] = True
        if self.faulty and not self.exposed:
            self.onset = self.env.now + self.rng.exponential(MEAN_DELAY)
        self.exposed = True
        self.env.process(self.watch(z))
        yield self.env.timeout(BAKE)
        if self.stopped.triggered:
            return
        yield self.env.timeout(lognormal(self.rng, 5, 12))
        self.at_stake[z] = self.at_stake[z] and self.stopped.triggered

    def watch(self, z):
        """A datapoint at every whole minute; the first counts from when the box came up."""
        since = self.env.now
        last = deque(maxlen=5)
        while True:
            end = 60.0 * (math.floor(self.env.now / 60.0) + 1)
            yield self.env.timeout(end - self.env.now)
            if self.stopped.triggered or not self.at_stake[z]:
                return
            active = min(max(end - self.onset, 0.0), end - since) / (end - since)
            requests = self.rng.poisson(REQUESTS_A_MINUTE * (end - since) / 60.0)
            bad = self.rng.binomial(requests, BASE + ADDED * active)
            last.append(requests > 0 and bad / requests > THRESHOLD)
            since = end
            if sum(last) >= 3:
                self.detected_after = end - self.onset
                self.stopped.succeed()
                return

    def run(self):
        self.env.run(until=simpy.AnyOf(self.env, [self.done, self.stopped]))
        now = self.env.now
        if self.stopped.triggered:
            back = [
                self.env.timeout(lognormal(self.rng, 3, 12)) for z in range(ZONES) if self.at_stake[z]
            ]
            self.env.run(until=simpy.AllOf(self.env, back))
            return "rolled-back" if self.faulty and self.detected_after > 0 else "given-up", None
        if not self.faulty:
            return "shipped", now
        return "undetected" if self.onset < now else "latent", now


def simulate(faulty, count):
    rng = numpy.random.default_rng(1)
    ends, full, detected = Counter(), [], []
    begun = time.perf_counter()
    for _ in range(count):
        rollout = Rollout(rng, faulty)
        end, at = rollout.run()
        ends[end] += 1
        if at is not None:
            full.append(at)
        if end == "rolled-back":
            detected.append(rollout.detected_after)
    return count / (time.perf_counter() - begun), ends, full, detected


def of_landfall(path, stratum):
    ends, full, detected = Counter(), [], []
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            if row["stratum"] == stratum:
                ends[row["outcome"]] += 1
                if row["time_to_full_s"]:
                    full.append(float(row["time_to_full_s"]))
                if row["outcome"] == "rolled-back" and row["time_to_detect_s"]:
                    detected.append(float(row["time_to_detect_s"]))
    return ends, full, detected


def main():
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 2_000
    least = 1.0
    for stratum in ["fault-free", "leak"]:
        rate, ends, full, detected = simulate(stratum != "fault-free", count)
        print(f"{stratum}: {rate:.0f} rollouts/s in SimPy {simpy.__version__}")
        theirs = of_landfall(sys.argv[1], stratum)
        print(f"  ended here {dict(ends)}, in landfall {dict(theirs[0])}")
        kinds = sorted(set(ends) | set(theirs[0]))
        ps = []
        if len(kinds) > 1:
            table = [[ends[kind], theirs[0][kind]] for kind in kinds]
            ps.append(("how they ended", stats.chi2_contingency(table).pvalue))
        for name, ours, other in [
            ("time to full", full, theirs[1]),
            ("time to detect", detected, theirs[2]),
        ]:
            if ours and other:
                ps.append((name, stats.ks_2samp(ours, other).pvalue))
        for name, p in ps:
            print(f"  {name}: p = {p:.3g}")
            least = min(least, p)
    if least < 1e-6:
        sys.exit("these are different distributions")


main()
