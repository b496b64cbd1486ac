//! What a verdict rests on, in words.

use lease_core::{Evidence, Standing, State};

use crate::human;

/// One sentence that shows the arithmetic of a verdict, so that it can be checked by hand.
pub(crate) fn sentence(standing: &Standing, duration_seconds: Option<i32>) -> String {
    let lease = duration_seconds.unwrap_or_default();
    match &standing.evidence {
        Some(Evidence::Stamped { stamp, date }) => format!(
            "the API server saw the last change at {} and answered at {}: {}; the lease lasts \
             {lease}s, the margin is {}",
            human::time(*stamp),
            human::time(*date),
            human::ago(date.since(*stamp)),
            human::seconds(lease_core::MARGIN),
        ),
        Some(Evidence::Recorded { renewed, now }) => format!(
            "the holder recorded its last renewal at {} and our clock shows {}: {}; the lease \
             lasts {lease}s, the margin is {}",
            human::time(*renewed),
            human::time(*now),
            if renewed > now {
                format!("{} ahead", human::duration(renewed.since(*now)))
            } else {
                human::ago(now.since(*renewed))
            },
            human::seconds(lease_core::MARGIN),
        ),
        Some(Evidence::Observed {
            unchanged_for,
            change_seen: true,
        }) if standing.state != State::Expired => format!(
            "the record changed {} while it was watched; the lease lasts {lease}s",
            human::ago(*unchanged_for),
        ),
        Some(Evidence::Observed { unchanged_for, .. }) if unchanged_for.is_zero() => {
            "the lease carries no stamp of the API server, and was not watched".to_owned()
        }
        Some(Evidence::Observed { unchanged_for, .. }) => format!(
            "the record did not change while it was watched for {}; the lease lasts {lease}s",
            human::seconds(*unchanged_for),
        ),
        None => match standing.state {
            State::Free => "nobody is named as holder".to_owned(),
            State::Unbounded => {
                "there is a holder, but no duration or no renewTime, so nothing ends it".to_owned()
            }
            _ => "the fields contradict each other".to_owned(),
        },
    }
}
