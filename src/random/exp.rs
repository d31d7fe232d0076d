//! The exponential function.

use std::f64::consts::LOG2_E;

// The constants of fdlibm's `e_exp.c` (Sun Microsystems, 1993), which `libm` follows.
const LN2_HIGH: f64 = 6.931_471_803_691_238_164_90e-1;
const LN2_LOW: f64 = 1.908_214_929_270_587_700_02e-10;
const P1: f64 = 1.666_666_666_666_660_190_37e-1;
const P2: f64 = -2.777_777_777_701_559_338_42e-3;
const P3: f64 = 6.613_756_321_437_934_361_17e-5;
const P4: f64 = -1.653_390_220_546_525_153_90e-6;
const P5: f64 = 4.138_136_797_057_238_460_39e-8;

/// The upper halves of 1.5 ln 2 and of 700, between which sizes the function is written out here.
const FROM: u32 = 0x3ff0_a2b2;
const TO: u32 = 0x4085_e000;

/// e to the power `x`: the same bits as `libm::exp`, in a third of the time for what durations are drawn from. The power
/// of 2 is put together from its exponent; `libm`, which has to take care of results that are no normal numbers, multiplies
/// by it in steps.
#[inline]
pub(super) fn exp(x: f64) -> f64 {
    let high = (x.to_bits() >> 32) as u32 & 0x7fff_ffff;
    if !(FROM..TO).contains(&high) {
        return libm::exp(x);
    }
    let half = if x < 0.0 { -0.5 } else { 0.5 };
    let k = (LOG2_E * x + half) as i32;
    let (high, low) = (x - f64::from(k) * LN2_HIGH, f64::from(k) * LN2_LOW);
    let x = high - low;
    let square = x * x;
    let c = x - square * (P1 + square * (P2 + square * (P3 + square * (P4 + square * P5))));
    let y = 1.0 + (x * c / (2.0 - c) - low + high);
    y * f64::from_bits(((1023 + k) as u64) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{NameKey, Purpose, RolloutKey};

    #[test]
    fn is_that_of_libm_bit_for_bit() {
        let key = RolloutKey::new(1, NameKey::of("exp"), 0);
        let mut stream = key.stream(Purpose::StepTime, 0, NameKey::NONE);
        let at_edges = [
            0.0, 0.3, 0.34, 0.35, 1.0, 1.03, 1.04, 1.05, 5.5, 699.9, 700.0, 709.0, 710.0, 745.0,
            800.0, 1e-300, 1e300,
        ];
        let wide = (0..200_000).map(|i| (stream.uniform() - 0.5) * [4.0, 40.0, 1_500.0][i % 3]);
        let all = wide.chain(at_edges).chain([f64::INFINITY]);
        for x in all.flat_map(|x| [x, -x]) {
            assert_eq!(exp(x).to_bits(), libm::exp(x).to_bits(), "{x}");
        }
        assert!(exp(f64::NAN).is_nan());
    }
}
