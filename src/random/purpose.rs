//! What draws are for.

/// What a draw is for. Draws of different purposes never share a stream.
///
/// The list is append-only and the numbers are fixed: a changed number would change the results of every scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u64)]
pub enum Purpose {
    /// Which stratum (fault-free, or which fault class) a rollout of plain sampling belongs to.
    Stratum = 1,
    /// The moment at which the rollout starts.
    Start = 2,
    /// The order in which a strategy that shuffles takes the regions.
    RegionOrder = 3,
    /// How strong a fault is on a service-level indicator (`delta`).
    Severity = 4,
    /// A trigger's delay D, before `varies`.
    TriggerDelay = 5,
    /// The factor on, or the fresh draw of, a trigger's delay in one instance (`varies`).
    TriggerVariation = 6,
    /// A trigger's mean number of requests m, where it is a distribution.
    TriggerMean = 7,
    /// The requests E that one instance takes until the fault wakes.
    TriggerRequests = 8,
    /// How long a fault takes to reach its full strength.
    Ramp = 9,
    /// How long a zone stays hit after it is back at share 0.
    Lingering = 10,
    /// Whether a region shows the fault.
    Susceptible = 11,
    /// Whether a test can see the fault.
    TestSight = 12,
    /// Whether one execution of a test fails for no reason.
    TestFlake = 13,
    /// How long one execution of a test takes.
    TestTime = 14,
    /// How long an action of a step takes.
    StepTime = 15,
    /// How long a bake lasts, where it is a distribution.
    BakeTime = 16,
    /// How long an approval takes.
    ApprovalTime = 17,
    /// How long a zone takes to roll back.
    RollbackTime = 18,
    /// How long until all else follows a rollback of narrower scope (`then_fleet_after`).
    ThenFleet = 19,
    /// How long the on-call takes to act.
    Responds = 20,
    /// When reports of people come.
    Reports = 21,
    /// How long until a change that was stopped by chance is tried again.
    RetryWait = 22,
    /// When incidents begin, how strong they are and how long they last.
    Incidents = 23,
    /// How much and how long a cohort's warm-up adds.
    WarmUp = 24,
    /// The requests and bad requests that the alarms of one population count.
    AlarmCounts = 25,
    /// Values of uncertain inputs, one set per world.
    Worlds = 26,
    /// Resampling of finished rollouts for an interval.
    Bootstrap = 27,
    /// Which buckets are looked at for the sake of the alarms that count one population.
    AlarmLooks = 28,
}

#[cfg(test)]
mod tests {
    use super::Purpose::{self, *};

    /// The numbers as they were first published; new purposes go to the end.
    #[test]
    fn numbers_are_fixed() {
        let published: [Purpose; 28] = [
            Stratum,
            Start,
            RegionOrder,
            Severity,
            TriggerDelay,
            TriggerVariation,
            TriggerMean,
            TriggerRequests,
            Ramp,
            Lingering,
            Susceptible,
            TestSight,
            TestFlake,
            TestTime,
            StepTime,
            BakeTime,
            ApprovalTime,
            RollbackTime,
            ThenFleet,
            Responds,
            Reports,
            RetryWait,
            Incidents,
            WarmUp,
            AlarmCounts,
            Worlds,
            Bootstrap,
            AlarmLooks,
        ];
        for (number, purpose) in (1..).zip(published) {
            assert_eq!(purpose as u64, number, "{purpose:?}");
        }
    }
}
