//! Names beside points, so placed that they cover neither each other nor a point.

use super::scene::{Frame, Point, at};

/// A name to be placed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Label {
    /// The point that it names.
    pub point: Point,
    /// Room that it takes.
    pub width: f64,
    /// Room that it takes.
    pub height: f64,
}

/// What labels keep clear of.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// Where labels may be.
    pub room: Frame,
    /// What they must not cover.
    pub taken: Vec<Frame>,
    /// What they should not cover.
    pub lines: Vec<(Point, Point)>,
    /// Radius of the points.
    pub radius: f64,
}

/// Distances from a point at which its name is tried, in pixels.
const RINGS: [f64; 8] = [4.0, 12.0, 26.0, 44.0, 66.0, 94.0, 130.0, 180.0];
/// Directions in which it is tried: right first, as people expect it.
const DIRECTIONS: [(f64, f64); 12] = [
    (1.0, 0.0),
    (1.0, -0.7),
    (1.0, 0.7),
    (-1.0, 0.0),
    (-1.0, -0.7),
    (-1.0, 0.7),
    (0.0, -1.0),
    (0.0, 1.0),
    (0.5, -1.0),
    (0.5, 1.0),
    (-0.5, -1.0),
    (-0.5, 1.0),
];
/// Room around a name, in pixels.
const AIR: f64 = 4.0;
/// Rounds in which every label may move to a better place.
const ROUNDS: usize = 12;
/// Costs: of a direction for each before it, of covering, of leaving the room, of a crossed line, of a leader across something; a pixel's distance is 1.
const LATER_DIRECTION: f64 = 0.6;
const COVERING: f64 = 2_000.0;
const OUTSIDE: f64 = 20_000.0;
const CROSSING: f64 = 20.0;
const LEADER_CROSSING: f64 = 150.0;

/// The frames of all labels, in order. Always the same for the same labels.
///
/// Starting one after the other at the cheapest place, each moves to a cheaper one while there is any: a descent that
/// ends, since the total cost falls and places are finite.
pub fn place(labels: &[Label], around: &Surroundings) -> Vec<Frame> {
    let candidates: Vec<Vec<Candidate>> = labels
        .iter()
        .map(|l| candidates(l, around.radius))
        .collect();
    let mut chosen: Vec<Option<Frame>> = vec![None; labels.len()];
    for _ in 0..ROUNDS {
        let mut moved = false;
        for (i, label) in labels.iter().enumerate() {
            let cost = |c: &Candidate| c.cost + cost(label, &c.frame, i, labels, &chosen, around);
            let best = candidates[i]
                .iter()
                .min_by(|a, b| cost(a).total_cmp(&cost(b)))
                .map(|c| c.frame);
            moved |= best != chosen[i];
            chosen[i] = best;
        }
        if !moved {
            break;
        }
    }
    chosen.into_iter().flatten().collect()
}

/// The line from a point to its name, where that is not right beside it.
pub fn leader(label: &Label, frame: &Frame, radius: f64) -> Option<(Point, Point)> {
    let end = frame.nearest(label.point);
    let (dx, dy) = (end.x - label.point.x, end.y - label.point.y);
    let distance = libm::hypot(dx, dy);
    let begin = radius + 2.0;
    (distance > radius + RINGS[1] + 4.0).then(|| {
        let share = begin / distance;
        (
            at(label.point.x + share * dx, label.point.y + share * dy),
            end,
        )
    })
}

/// A place for a name, and what it costs where nothing is in the way.
struct Candidate {
    frame: Frame,
    cost: f64,
}

/// Frames that touch a circle around the point, for all rings and directions.
fn candidates(label: &Label, radius: f64) -> Vec<Candidate> {
    let candidate = |ring: &f64, direction: usize| {
        let (dx, dy) = DIRECTIONS[direction];
        let distance = radius + ring;
        let length = libm::hypot(dx, dy);
        let nearest = at(
            label.point.x + distance * dx / length,
            label.point.y + distance * dy / length,
        );
        // The side of the frame that faces the point lies on the circle.
        let middle = at(
            nearest.x + dx.clamp(-1.0, 1.0) * label.width / 2.0,
            nearest.y + dy.clamp(-1.0, 1.0) * label.height / 2.0,
        );
        Candidate {
            frame: Frame::around(middle, label.width / 2.0, label.height / 2.0),
            cost: ring + LATER_DIRECTION * direction as f64,
        }
    };
    let rings = RINGS.iter();
    rings
        .flat_map(|ring| (0..DIRECTIONS.len()).map(move |d| candidate(ring, d)))
        .collect()
}

/// What is in the way of a name at this place.
fn cost(
    label: &Label,
    frame: &Frame,
    own: usize,
    labels: &[Label],
    chosen: &[Option<Frame>],
    around: &Surroundings,
) -> f64 {
    let roomy = frame.grown(AIR / 2.0);
    let mut cost = 0.0;
    if !around.room.holds(frame) {
        cost += OUTSIDE;
    }
    let leader = leader(label, frame, around.radius);
    let mut obstacle = |frame: &Frame| {
        if roomy.overlaps(frame) {
            cost += COVERING + roomy.overlap(frame);
        }
        if leader.is_some_and(|(a, b)| crosses(a, b, &frame.grown(AIR))) {
            cost += LEADER_CROSSING;
        }
    };
    around.taken.iter().for_each(&mut obstacle);
    for (i, other) in labels.iter().enumerate() {
        // The own point is not in the way of the own leader.
        let marker = Frame::around(other.point, around.radius, around.radius);
        if i != own {
            obstacle(&marker);
            chosen[i].iter().for_each(&mut obstacle);
        }
    }
    let crossed = around
        .lines
        .iter()
        .filter(|(a, b)| crosses(*a, *b, &frame.grown(AIR)));
    let own_marker = Frame::around(label.point, around.radius, around.radius);
    cost + CROSSING * crossed.count() as f64 + roomy.overlap(&own_marker)
}

/// Whether a straight line passes through a frame (Liang and Barsky's clipping).
fn crosses(a: Point, b: Point, frame: &Frame) -> bool {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let (mut enters, mut leaves) = (0.0_f64, 1.0_f64);
    for (speed, room) in [
        (-dx, a.x - frame.left),
        (dx, frame.right - a.x),
        (-dy, a.y - frame.top),
        (dy, frame.bottom - a.y),
    ] {
        if speed == 0.0 {
            if room < 0.0 {
                return false;
            }
        } else if speed < 0.0 {
            enters = enters.max(room / speed);
        } else {
            leaves = leaves.min(room / speed);
        }
    }
    enters < leaves
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ROOM: Frame = Frame {
        left: 0.0,
        top: 0.0,
        right: 800.0,
        bottom: 500.0,
    };

    fn surroundings() -> Surroundings {
        Surroundings {
            room: ROOM,
            taken: Vec::new(),
            lines: Vec::new(),
            radius: 7.0,
        }
    }

    fn label(x: f64, y: f64) -> Label {
        Label {
            point: at(x, y),
            width: 120.0,
            height: 14.0,
        }
    }

    #[test]
    fn a_lonely_name_stands_to_the_right() {
        let frames = place(&[label(100.0, 100.0)], &surroundings());
        assert!(
            frames[0].left > 107.0 && frames[0].left < 115.0,
            "{frames:?}"
        );
        assert_eq!(leader(&label(100.0, 100.0), &frames[0], 7.0), None);
    }

    #[test]
    fn at_the_right_edge_it_stands_to_the_left() {
        let frames = place(&[label(790.0, 100.0)], &surroundings());
        assert!(frames[0].right < 784.0, "{frames:?}");
    }

    #[test]
    fn lines_cross_frames_or_miss_them() {
        let frame = Frame::around(at(50.0, 50.0), 10.0, 5.0);
        assert!(crosses(at(0.0, 50.0), at(100.0, 50.0), &frame));
        assert!(crosses(at(50.0, 50.0), at(52.0, 50.0), &frame));
        assert!(!crosses(at(0.0, 0.0), at(100.0, 20.0), &frame));
        assert!(!crosses(at(0.0, 50.0), at(30.0, 50.0), &frame));
    }

    fn covers_nothing(labels: &[Label], frames: &[Frame]) {
        assert_eq!(labels.len(), frames.len());
        for (i, frame) in frames.iter().enumerate() {
            assert!(ROOM.holds(frame), "{i} is outside: {frame:?}");
            for (j, other) in frames.iter().enumerate().filter(|(j, _)| *j != i) {
                assert!(!frame.overlaps(other), "{i} and {j}: {frame:?} {other:?}");
            }
            for l in labels {
                let marker = Frame::around(l.point, 6.0, 6.0);
                assert!(!frame.overlaps(&marker), "{i} covers a point: {frame:?}");
            }
        }
    }

    #[test]
    fn twelve_names_of_one_place_cover_nothing() {
        let labels: Vec<Label> = (0..12)
            .map(|i| label(400.0 + f64::from(i), 250.0))
            .collect();
        covers_nothing(&labels, &place(&labels, &surroundings()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn names_of_points_anywhere_cover_nothing(
            points in prop::collection::vec((10.0..790.0_f64, 10.0..490.0_f64), 1..=12),
        ) {
            let labels: Vec<Label> = points.into_iter().map(|(x, y)| label(x, y)).collect();
            covers_nothing(&labels, &place(&labels, &surroundings()));
        }
    }
}
