//! The continued fractions of the tails.

/// Where the fraction ends: a change below this share of its value. Rounding makes changes of some halves of an epsilon
/// by itself, for ever: past the end of a finite fraction, they add up.
const NEGLIGIBLE: f64 = 4.0 * f64::EPSILON;

/// No fraction here needs as many levels; a loop that data feeds has a limit all the same.
const MOST_LEVELS: u32 = 1_000_000;

/// 1 / (first + c(1) / (d(1) + c(2) / (d(2) + ...))), by the forward recurrence, scaled at every level.
///
/// `level(n)` is (c(n), d(n)). All numbers are positive while n stays below the parameters, so nothing cancels.
fn evaluate(first: f64, level: impl Fn(f64) -> (f64, f64)) -> f64 {
    let (mut above, mut below) = (0.0, 1.0 / first);
    let mut value = 1.0 / first;
    for n in 1..=MOST_LEVELS {
        let (c, d) = level(f64::from(n));
        let next_above = c * above + d * value;
        let next_below = c * below + d;
        let scale = 1.0 / next_below;
        let next = next_above * scale;
        let is_end = (next - value).abs() <= NEGLIGIBLE * next.abs();
        (above, below) = (value * scale, scale);
        value = next;
        if is_end {
            break;
        }
    }
    value
}

/// I_x(a, b) over x^a y^b / B(a, b), for y = 1 - x and `bx` = b x, with `gap_and_1` = a y - b x + 1, which
/// is not negative; for x up to the mean or a little more.
///
/// DiDonato and Morris (1992), equation 9, the even part of DLMF 8.17.22, with b x in place of b. So in the limit of a
/// large b and a small x it is the upper tail of a Poisson count.
pub(in crate::random) fn of_beta(a: f64, bx: f64, x: f64, y: f64, gap_and_1: f64) -> f64 {
    evaluate(a * gap_and_1 / (a + 1.0), |n| {
        let middle = a + 2.0 * n;
        // In this order a small `a` keeps its digits.
        let before = a + (n - 1.0);
        let left = n * (bx - n * x);
        let inverse = 1.0 / (middle - 1.0);
        let c = before * (before * x + bx) * left * inverse * inverse;
        let d = n + left * inverse + (a + n) * (gap_and_1 + n * (1.0 + y)) / (middle + 1.0);
        (c, d)
    })
}

/// P(X >= k) over k P(X = k), for a Poisson count X with mean < k.
pub(super) fn of_poisson_upward(k: f64, mean: f64, gap: f64) -> f64 {
    of_beta(k, mean, 0.0, 1.0, gap + 1.0)
}

/// P(X <= k) over mean P(X = k), for a Poisson count X with mean > k: Legendre's continued fraction of the incomplete
/// gamma function of k + 1 (DLMF 8.9.2, its even part). `gap` is k - mean.
pub(super) fn of_poisson_downward(k: f64, gap: f64) -> f64 {
    evaluate(-gap, |n| (n * (k + 1.0 - n), 2.0 * n - gap))
}
