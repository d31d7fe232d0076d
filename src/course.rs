//! How far a rollout's change was out, and what it hit, through time: plain data for charts of many rollouts.
//!
//! Recording takes no part in a rollout: one that is recorded is the same to the bit as one that is not.

/// A rollout's course: a step function of time, to within 2% of its values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
    /// States in order of time, each from its time until the next; before the first nothing is out, and the last one
    /// stays.
    pub points: Vec<Point>,
    /// When each wave began and ended, in seconds, in the last attempt that came to it; an end is infinite where the
    /// wave did not get there.
    pub waves: Vec<(f32, f32)>,
}

/// A state of the fleet. Single precision is plenty for a picture, and many are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// Since when, in seconds from the rollout's start.
    pub at_s: f32,
    /// Share of the fleet's traffic on the new version.
    pub exposed: f32,
    /// Share of the fleet's traffic that the fault hits.
    pub hit: f32,
}

impl Course {
    /// The state at a time.
    pub fn at(&self, at_s: f64) -> Point {
        let after = self.points.partition_point(|p| f64::from(p.at_s) <= at_s);
        match after.checked_sub(1) {
            Some(last) => self.points[last],
            None => Point::default(),
        }
    }

    /// Adds a state, unless it hardly differs from the one before. A state of no duration leaves no trace.
    pub fn push(&mut self, point: Point) {
        let last = self.points.last().copied().unwrap_or_default();
        if !differs(last.exposed, point.exposed) && !differs(last.hit, point.hit) {
            return;
        }
        if let Some(last) = self.points.last_mut()
            && last.at_s == point.at_s
        {
            *last = point;
            return;
        }
        self.points.push(point);
    }
}

/// Shares nearer than this look the same.
const TOLERANCE: f32 = 0.02;

fn differs(a: f32, b: f32) -> bool {
    (a == 0.0) != (b == 0.0) || (a - b).abs() > TOLERANCE * a.max(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(at_s: f32, exposed: f32) -> Point {
        Point {
            at_s,
            exposed,
            hit: 0.0,
        }
    }

    #[test]
    fn what_hardly_differs_is_not_kept() {
        let mut course = Course::default();
        for p in [
            point(0.0, 0.0),
            point(10.0, 0.1),
            point(20.0, 0.101),
            point(30.0, 0.5),
            point(30.0, 0.6),
            point(40.0, 0.0),
        ] {
            course.push(p);
        }
        let kept: Vec<(f32, f32)> = course.points.iter().map(|p| (p.at_s, p.exposed)).collect();
        assert_eq!(kept, [(10.0, 0.1), (30.0, 0.6), (40.0, 0.0)]);
    }

    #[test]
    fn a_state_lasts_until_the_next() {
        let mut course = Course::default();
        course.push(point(10.0, 0.25));
        course.push(point(20.0, 0.5));
        let exposed = |at_s| course.at(at_s).exposed;
        assert_eq!(
            [0.0, 9.9, 10.0, 19.9, 20.0, 1e9].map(exposed),
            [0.0, 0.0, 0.25, 0.25, 0.5, 0.5]
        );
    }
}
