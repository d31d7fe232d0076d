"""Reference values of tails for src/random/tail, with some 40 digits.

    python3 -m venv v && v/bin/pip install mpmath==1.3.0 && v/bin/python tests/reference/tails.py

writes the files tails_*.csv beside itself, in some two minutes. Every chance, mean, share and parameter is the exact
value of the double written. No value comes from a method that the crate uses: one probability by log-gammas of many
digits, times the sum of all others over it, term by term in whole numbers; incomplete betas by the power series of
DLMF 8.17.8. Cases whose sums are too long are left out.
"""

import csv
import math
import pathlib
from itertools import count

from mpmath import mp, mpf

mp.dps = 60
HERE = pathlib.Path(__file__).parent
SMALLEST = mpf("1e-300")


class TooLong(Exception):
    pass


def whole(*numbers):
    """Doubles as whole numbers of a common unit, exactly, and that unit: 1 over the last number returned."""
    ratios = [x.as_integer_ratio() for x in numbers]
    unit = max(under for _, under in ratios)
    return *(over * (unit // under) for over, under in ratios), unit


def summed(ratios, digits=60):
    """1 + r(1) (1 + r(2) (1 + ...)) for fractions (numerator, denominator) above 0."""
    one = 10**digits
    negligible = one // 10 ** (digits - 15)
    total = term = one
    for j, (above, below) in enumerate(ratios):
        term = term * above // below
        total += term
        if term < negligible:
            break
        if j == 4_000_000:
            raise TooLong
    return mpf(total) / one


def log_ways(n, k):
    return mp.loggamma(n + 1) - mp.loggamma(k + 1) - mp.loggamma(n - k + 1)


def log_beta(a, b):
    return mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)


def both(k, mean, at, step, largest):
    """P(X >= k), P(X <= k). `at` is the probability of a count, `step` that over the one before as a fraction."""
    if k > mean:
        upward = count(k + 1) if largest is None else range(k + 1, largest + 1)
        upper = at(k) * summed(step(j) for j in upward)
        return upper, 1 - upper + at(k)
    lower = at(k) * summed(step(j)[::-1] for j in range(k, 0, -1))
    return 1 - lower + at(k), lower


def binomial(n, p, k):
    success, unit = whole(p)
    p = mpf(p)
    return both(
        k,
        n * p,
        lambda j: mp.exp(log_ways(n, j) + j * mp.log(p) + (n - j) * mp.log1p(-p)),
        lambda j: ((n - j + 1) * success, j * (unit - success)),
        n,
    )


def poisson(mean, k):
    units, unit = whole(mean)
    mean = mpf(mean)
    return both(
        k,
        mean,
        lambda j: mp.exp(j * mp.log(mean) - mean - mp.loggamma(j + 1)),
        lambda j: (units, j * unit),
        None,
    )


def beta_binomial(n, a, b, k):
    aa, bb, unit = whole(a, b)
    a, b = mpf(a), mpf(b)
    return both(
        k,
        # Where the law has two peaks the way to the nearer end is short.
        n * a / (a + b) if a > 1 or b > 1 else n / 2,
        lambda j: mp.exp(log_ways(n, j) + log_beta(j + a, n - j + b) - log_beta(a, b)),
        lambda j: ((n - j + 1) * (aa + unit * (j - 1)), j * (bb + unit * (n - j))),
        n,
    )


def below(a, b, x, digits):
    """I_x(a, b)."""
    with mp.workdps(digits):
        aa, bb, xx, unit = whole(a, b, x)
        a, b, x = mpf(a), mpf(b), mpf(x)
        first = mp.exp(a * mp.log(x) + b * mp.log1p(-x) - mp.log(a) - log_beta(a, b))
        return first * summed(
            ((xx * (aa + bb + unit * (j - 1)), unit * (aa + unit * j)) for j in count(1)),
            digits,
        )


def beta(a, b, x):
    """P(X > x), P(X < x)."""
    # The series of the lower tail is short for small x; from that the upper tail, with digits enough.
    digits = 60 if x < a / (a + b) else 400
    with mp.workdps(digits):
        lower = below(a, b, x, digits)
        return 1 - lower, lower


def sizes(n, p):
    """Counts on both sides of the mean, from half a standard deviation to far out."""
    mean, sd = n * p, math.sqrt(n * p * (1 - p))
    found = set()
    for z in (0, 0.5, 2, 8, 30):
        for k in (math.floor(mean - z * sd), math.floor(mean + z * sd) + 1):
            found.add(min(max(k, 0), n))
    for k in (1, 2, 10):
        if mean < 1:
            found.add(min(k, n))
    return sorted(found)


def write(name, header, rows):
    """A value of 0 stands for one below the smallest."""
    with open(HERE / name, "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header)
        for *case, values in rows:
            values = [v if v >= SMALLEST else mpf(0) for v in values]
            out.writerow([repr(c) for c in case] + [mp.nstr(v, 18) for v in values])


def binomial_rows():
    for n in (1, 10, 600, 100_000, 100_000_000):
        for p in (1e-9, 1e-6, 1e-3, 0.02, 0.3, 0.5, 0.9):
            for k in sizes(n, p):
                yield n, p, k, binomial(n, p, k)


def poisson_rows():
    for mean in (1e-9, 1e-3, 0.5, 3.7, 60.0, 1e4, 1e8):
        for k in sizes(10**12, mean / 1e12):
            yield mean, k, poisson(mean, k)


def beta_rows():
    for a in (1e-3, 0.3, 5.0, 1e5, 1e9):
        for b in (1e-3, 2.0, 1000.0, 1e6, 1e9):
            mean = a / (a + b)
            sd = math.sqrt(mean * (1 - mean) / (a + b + 1))
            shares = {mean + z * sd for z in (-30, -8, -1, 0.1, 3, 8, 30)} | {mean / 1000}
            for x in sorted(x for x in shares if 1e-12 < x < 1 - 1e-9):
                try:
                    values = beta(a, b, x)
                except TooLong:
                    continue
                if min(values) > SMALLEST:
                    yield a, b, x, values


def beta_binomial_rows():
    for n, a, b in (
        (10, 0.3, 2.0),
        (10, 1e-3, 1e-3),
        (600, 1e-5, 1.0),
        (600, 2.0, 1998.0),
        (600, 5.0, 5e4),
        (600, 1.0, 1e9),
        (600, 1e6, 1e9),
        (100_000, 1e-3, 1.0),
        (100_000, 3.0, 0.2),
        (100_000, 50.0, 5e4),
        (100_000, 1e9, 1e9),
        (100_000_000, 1e-5, 1.0),
        (100_000_000, 0.5, 0.5),
        (100_000_000, 20.0, 2e4),
        (100_000_000, 1e6, 1e9),
        (100_000_000, 1e9, 1e9),
    ):
        mean = n * a / (a + b)
        sd = math.sqrt(mean * b / (a + b) * (a + b + n) / (a + b + 1))
        wanted = {math.floor(mean + z * sd) + 1 for z in (-3, -1, 0.0, 1, 3, 8, 30)}
        wanted |= {1, n // 100, n - n // 100, n}
        for k in sorted(k for k in wanted if 1 <= k <= n):
            try:
                at_least, _ = beta_binomial(n, a, b, k)
            except TooLong:
                continue
            if at_least > SMALLEST:
                yield n, a, b, k, (at_least,)


if __name__ == "__main__":
    write("tails_binomial.csv", ["n", "p", "k", "at_least", "at_most"], binomial_rows())
    write("tails_poisson.csv", ["mean", "k", "at_least", "at_most"], poisson_rows())
    write("tails_beta.csv", ["a", "b", "x", "above", "below"], beta_rows())
    write("tails_beta_binomial.csv", ["n", "a", "b", "k", "at_least"], beta_binomial_rows())
