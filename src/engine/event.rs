//! The closed set of things that happen in a rollout, and the total order in which they happen.
//!
//! Events leave the queue by time, then by phase (what the world does, then what alarms see, then what people do,
//! then how the rollout moves), then by rank (alarms in order of declaration), then in order of insertion.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::bake::BakeId;
use super::start::Start;
use crate::outcome::TimePart;
use crate::plan::Fleet;
use crate::random::NameKey;

/// What an instance of an alarm, trigger or incident covers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Instance {
    /// A zone, by index.
    Zone(usize),
    /// A region, by index.
    Region(usize),
    /// Everything.
    #[default]
    Fleet,
}

impl Instance {
    /// Its name, for keys.
    pub(super) fn name(self, fleet: &Fleet) -> NameKey {
        match self {
            Instance::Zone(z) => fleet.zones[z].key,
            Instance::Region(r) => fleet.regions[r].key,
            Instance::Fleet => NameKey::NONE,
        }
    }
}

/// Who ran a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TestRun {
    /// The rollout, before production.
    Preproduction(usize),
    /// A zone, before its first step.
    Before { zone: usize, index: usize },
    /// A zone, after its last step.
    After { zone: usize, index: usize },
}

/// What an approval is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Approval {
    /// The wave that is about to begin.
    Wave,
    /// A manual bake, or one that asks.
    Bake(BakeId),
}

/// Something that happens. Events of an attempt carry its number and are void once another attempt has begun;
/// those with a token are void when their token is no longer current.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Event {
    // The world.
    TrafficChanges,
    IncidentBegins {
        source: usize,
    },
    IncidentChanges {
        incident: usize,
    },
    WarmUpEnds {
        attempt: u32,
        zone: usize,
        cohort: u32,
    },
    Onset {
        attempt: u32,
        instance: usize,
    },
    CohortOnset {
        attempt: u32,
        zone: usize,
        cohort: u32,
    },
    FullStrength,
    RequestsReached {
        attempt: u32,
        instance: usize,
        token: u32,
    },
    LingeringEnds {
        zone: usize,
    },
    ReportDue {
        token: u32,
    },
    Bucket {
        store: usize,
        token: u32,
    },
    // Alarms.
    Datapoint {
        watcher: usize,
        index: i64,
        token: u32,
    },
    // People.
    PageAnswered {
        attempt: u32,
        watcher: usize,
        by_chance: bool,
    },
    ReportAnswered {
        attempt: u32,
    },
    RestGoes {
        attempt: u32,
    },
    // The rollout.
    AttemptBegins,
    Retry {
        attempt: u32,
        start: Start,
        waited: TimePart,
    },
    TestEnds {
        attempt: u32,
        run: TestRun,
    },
    ApprovalComes {
        attempt: u32,
        of: Approval,
    },
    PauseEnds {
        attempt: u32,
        watcher: usize,
    },
    PartLive {
        attempt: u32,
        zone: usize,
        part: u32,
    },
    BakeDue {
        attempt: u32,
        bake: BakeId,
    },
    BakeReleased {
        attempt: u32,
        bake: BakeId,
    },
    BakeAtMost {
        attempt: u32,
        bake: BakeId,
    },
    RollbackPart {
        attempt: u32,
        zone: usize,
        part: u32,
    },
    WatchEnds {
        attempt: u32,
    },
    HaltedWatchEnds {
        attempt: u32,
    },
}

impl Event {
    /// The attempt that the event belongs to, if it is void in others.
    pub(super) fn attempt(&self) -> Option<u32> {
        use Event::*;
        match *self {
            TrafficChanges
            | IncidentBegins { .. }
            | IncidentChanges { .. }
            | FullStrength
            | LingeringEnds { .. }
            | ReportDue { .. }
            | Bucket { .. }
            | Datapoint { .. }
            | AttemptBegins => None,
            WarmUpEnds { attempt, .. }
            | Onset { attempt, .. }
            | CohortOnset { attempt, .. }
            | RequestsReached { attempt, .. }
            | PageAnswered { attempt, .. }
            | ReportAnswered { attempt }
            | RestGoes { attempt }
            | Retry { attempt, .. }
            | TestEnds { attempt, .. }
            | ApprovalComes { attempt, .. }
            | PauseEnds { attempt, .. }
            | PartLive { attempt, .. }
            | BakeDue { attempt, .. }
            | BakeReleased { attempt, .. }
            | BakeAtMost { attempt, .. }
            | RollbackPart { attempt, .. }
            | WatchEnds { attempt }
            | HaltedWatchEnds { attempt } => Some(attempt),
        }
    }

    /// Whether the event is part of the strategy's program, of which nothing goes on once a rollout has halted.
    pub(super) fn moves_the_program(&self) -> bool {
        use Event::*;
        matches!(
            self,
            Retry { .. }
                | TestEnds { .. }
                | ApprovalComes { .. }
                | PauseEnds { .. }
                | PartLive { .. }
                | BakeDue { .. }
                | BakeReleased { .. }
                | BakeAtMost { .. }
                | WatchEnds { .. }
        )
    }

    fn phase(&self) -> u8 {
        use Event::*;
        match self {
            TrafficChanges
            | IncidentBegins { .. }
            | IncidentChanges { .. }
            | WarmUpEnds { .. }
            | Onset { .. }
            | CohortOnset { .. }
            | FullStrength
            | RequestsReached { .. }
            | LingeringEnds { .. }
            | ReportDue { .. }
            | Bucket { .. } => 0,
            Datapoint { .. } => 1,
            PageAnswered { .. } | ReportAnswered { .. } | RestGoes { .. } => 2,
            AttemptBegins
            | Retry { .. }
            | TestEnds { .. }
            | ApprovalComes { .. }
            | PauseEnds { .. }
            | PartLive { .. }
            | BakeDue { .. }
            | BakeReleased { .. }
            | BakeAtMost { .. }
            | RollbackPart { .. }
            | WatchEnds { .. }
            | HaltedWatchEnds { .. } => 3,
        }
    }

    fn rank(&self) -> usize {
        match self {
            // Watchers stand in order of declaration of their alarms.
            Event::Datapoint { watcher, .. } => *watcher,
            _ => 0,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    /// Time, phase, rank and serial number in one, so that one comparison orders all of them.
    order: u128,
    /// Where the event is kept: what the heap moves about stays small.
    slot: u32,
}

impl Entry {
    fn new(time: f64, event: Event, serial: u32, slot: u32) -> Entry {
        let rank = event.rank() as u64;
        debug_assert!(rank < 1 << 30, "ranks fit 30 bits: {event:?}");
        let behind = u64::from(event.phase()) << 62 | rank << 32 | u64::from(serial);
        Entry {
            order: u128::from(ordered(time)) << 64 | u128::from(behind),
            slot,
        }
    }

    fn time(&self) -> f64 {
        from_ordered((self.order >> 64) as u64)
    }
}

const SIGN: u64 = 1 << 63;

/// The bits of a number, such that they are ordered as the numbers are (IEEE 754's total order).
fn ordered(x: f64) -> u64 {
    let bits = x.to_bits();
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
}

fn from_ordered(bits: u64) -> f64 {
    f64::from_bits(if bits & SIGN == 0 {
        !bits
    } else {
        bits & !SIGN
    })
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.order == other.order
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }

    // What the heap asks; by way of `partial_cmp` it would cost several times as much.
    fn le(&self, other: &Self) -> bool {
        other.order <= self.order
    }

    fn lt(&self, other: &Self) -> bool {
        other.order < self.order
    }

    fn ge(&self, other: &Self) -> bool {
        other.order >= self.order
    }

    fn gt(&self, other: &Self) -> bool {
        other.order > self.order
    }
}

impl Ord for Entry {
    /// Reversed, because the heap gives the greatest first.
    fn cmp(&self, other: &Self) -> Ordering {
        other.order.cmp(&self.order)
    }
}

/// Pending events in their total order.
#[derive(Debug, Default)]
pub(super) struct Queue {
    heap: BinaryHeap<Entry>,
    events: Vec<Event>,
    /// Slots of events that have left.
    free: Vec<u32>,
    serial: u32,
}

impl Queue {
    /// Empties the queue and keeps its memory.
    pub(super) fn clear(&mut self) {
        self.heap.clear();
        self.events.clear();
        self.free.clear();
        self.serial = 0;
    }

    /// Adds an event at `time` seconds; one that never happens is not kept.
    pub(super) fn push(&mut self, time: f64, event: Event) {
        assert!(!time.is_nan(), "an event needs a time: {event:?}");
        if time == f64::INFINITY {
            return;
        }
        self.serial = self.serial.checked_add(1).expect("fewer than 2^32 events");
        // Not -0, which would come before 0.
        let time = time + 0.0;
        let slot = match self.free.pop() {
            Some(slot) => {
                self.events[slot as usize] = event;
                slot
            }
            None => {
                self.events.push(event);
                self.events.len() as u32 - 1
            }
        };
        self.heap.push(Entry::new(time, event, self.serial, slot));
    }

    /// The time of the next event, infinite if there is none.
    pub(super) fn next_time(&self) -> f64 {
        self.heap.peek().map_or(f64::INFINITY, Entry::time)
    }

    /// Takes the next event.
    pub(super) fn pop(&mut self) -> Option<(f64, Event)> {
        self.heap.pop().map(|e| {
            self.free.push(e.slot);
            (e.time(), self.events[e.slot as usize])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn at_one_moment_the_world_goes_first_then_alarms_then_people_then_the_rollout() {
        let mut queue = Queue::default();
        queue.push(1.0, Event::WatchEnds { attempt: 1 });
        queue.push(1.0, Event::RestGoes { attempt: 1 });
        queue.push(
            1.0,
            Event::Datapoint {
                watcher: 2,
                index: 0,
                token: 0,
            },
        );
        queue.push(
            1.0,
            Event::Datapoint {
                watcher: 1,
                index: 0,
                token: 0,
            },
        );
        queue.push(1.0, Event::TrafficChanges);
        let order: Vec<Event> = std::iter::from_fn(|| queue.pop().map(|(_, e)| e)).collect();
        assert_eq!(
            order,
            [
                Event::TrafficChanges,
                Event::Datapoint {
                    watcher: 1,
                    index: 0,
                    token: 0
                },
                Event::Datapoint {
                    watcher: 2,
                    index: 0,
                    token: 0
                },
                Event::RestGoes { attempt: 1 },
                Event::WatchEnds { attempt: 1 },
            ]
        );
    }

    proptest! {
        /// The heap against a plain list, sorted stably.
        #[test]
        fn leaves_in_the_order_of_a_stable_sort(times in proptest::collection::vec(0u8..6, 0..60)) {
            let mut queue = Queue::default();
            let mut plain: Vec<(u8, usize)> = Vec::new();
            for (i, &t) in times.iter().enumerate() {
                queue.push(f64::from(t), Event::LingeringEnds { zone: i });
                plain.push((t, i));
            }
            plain.sort_by_key(|&(t, _)| t);
            for (t, i) in plain {
                prop_assert_eq!(queue.pop(), Some((f64::from(t), Event::LingeringEnds { zone: i })));
            }
            prop_assert_eq!(queue.pop(), None);
        }
    }
}
