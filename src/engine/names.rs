//! The names by which parts of a strategy's program are told apart in the keys of draws (docs/keys.md).

use crate::plan::Test;
use crate::random::NameKey;

/// A step (index from 0) of a zone, and the bake after it.
pub(super) fn of_step(zone: NameKey, step: usize) -> NameKey {
    zone.number(step as u64 + 1)
}

/// The bake after a batch that begins with this zone.
pub(super) fn of_batch(first_zone: NameKey) -> NameKey {
    first_zone.with(NameKey::of("batch"))
}

/// The bake of a wave (index from 0).
pub(super) fn of_wave_bake(wave: usize) -> NameKey {
    NameKey::of("wave").number(wave as u64 + 1)
}

/// The approval of a wave (index from 0).
pub(super) fn of_approval(wave: usize) -> NameKey {
    NameKey::NONE.number(wave as u64 + 1)
}

/// A test's execution, before production or in a zone.
pub(super) fn of_run(test: &Test, zone: Option<NameKey>) -> NameKey {
    zone.map_or(test.key, |zone| test.key.with(zone))
}
