//! The bakes under way, in the order in which they began.

use super::bake::BakeId;

/// How far a bake has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BakeState {
    /// Time and requests are not reached yet.
    Running,
    /// It would be over, but an alarm holds it.
    Held,
    /// People decide.
    Asking,
}

/// Bakes under way. A fleet that goes all at once has one in every zone, so those of steps are found by their zone, and
/// one that ends leaves an empty place for a while.
#[derive(Debug, Default)]
pub(super) struct Bakes {
    begun: Vec<Option<(BakeId, BakeState)>>,
    under_way: usize,
    /// By zone: where the bake of its present step stands among those begun.
    of_zone: Vec<usize>,
}

impl Bakes {
    /// Forgets all bakes.
    pub(super) fn clear(&mut self) {
        self.begun.clear();
        self.under_way = 0;
    }

    pub(super) fn begin(&mut self, id: BakeId, state: BakeState) {
        self.begun.push(Some((id, state)));
        self.under_way += 1;
        self.note_place(id, self.begun.len() - 1);
    }

    /// How far a bake has come; `None` if it is not under way.
    pub(super) fn state_of(&self, id: BakeId) -> Option<BakeState> {
        let place = self.place_of(id)?;
        self.begun[place].map(|(_, state)| state)
    }

    /// Puts a bake that is under way into another state.
    pub(super) fn set(&mut self, id: BakeId, state: BakeState) {
        if let Some(place) = self.place_of(id) {
            self.begun[place] = Some((id, state));
        }
    }

    pub(super) fn end(&mut self, id: BakeId) {
        let Some(place) = self.place_of(id) else {
            return;
        };
        self.begun[place] = None;
        self.under_way -= 1;
        if self.begun.len() > 2 * self.under_way {
            self.close_ranks();
        }
    }

    /// Those that an alarm holds.
    pub(super) fn held(&self) -> impl Iterator<Item = BakeId> {
        let under_way = self.begun.iter().flatten();
        let held = under_way.filter(|(_, state)| *state == BakeState::Held);
        held.map(|&(id, _)| id)
    }

    fn place_of(&self, id: BakeId) -> Option<usize> {
        let is_it = |bake: &Option<(BakeId, BakeState)>| bake.is_some_and(|(of, _)| of == id);
        match id {
            BakeId::Step { zone, .. } => {
                let place = *self.of_zone.get(zone)?;
                self.begun.get(place).is_some_and(is_it).then_some(place)
            }
            BakeId::Batch { .. } | BakeId::Wave { .. } => self.begun.iter().position(is_it),
        }
    }

    fn note_place(&mut self, id: BakeId, place: usize) {
        if let BakeId::Step { zone, .. } = id {
            if self.of_zone.len() <= zone {
                self.of_zone.resize(zone + 1, 0);
            }
            self.of_zone[zone] = place;
        }
    }

    /// Takes the empty places out.
    fn close_ranks(&mut self) {
        self.begun.retain(Option::is_some);
        for place in 0..self.begun.len() {
            if let Some((id, _)) = self.begun[place] {
                self.note_place(id, place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id(number: usize) -> BakeId {
        match number % 3 {
            0 => BakeId::Wave { wave: number },
            _ => BakeId::Step {
                zone: number,
                step: 1,
            },
        }
    }

    proptest! {
        /// Against a plain list that is searched.
        #[test]
        fn agree_with_a_list(does in proptest::collection::vec((0_usize..3, 0_usize..12), 0..80)) {
            let mut bakes = Bakes::default();
            let mut list: Vec<(BakeId, BakeState)> = Vec::new();
            for (what, number) in does {
                let id = id(number);
                let known = list.iter().position(|&(of, _)| of == id);
                match (what, known) {
                    (0, None) => {
                        bakes.begin(id, BakeState::Running);
                        list.push((id, BakeState::Running));
                    }
                    (1, Some(at)) => {
                        bakes.set(id, BakeState::Held);
                        list[at].1 = BakeState::Held;
                    }
                    (2, Some(at)) => {
                        bakes.end(id);
                        list.remove(at);
                    }
                    _ => {}
                }
                for number in 0..12 {
                    let of = self::id(number);
                    let state = list.iter().find(|b| b.0 == of).map(|b| b.1);
                    prop_assert_eq!(bakes.state_of(of), state);
                }
                let held = list.iter().filter(|b| b.1 == BakeState::Held).map(|b| b.0);
                prop_assert_eq!(bakes.held().collect::<Vec<_>>(), held.collect::<Vec<_>>());
            }
        }
    }
}
