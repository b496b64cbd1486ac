//! Clocks that disagree.

use super::*;

#[test]
fn a_clock_is_off_if_the_server_saw_the_renewal_at_another_time() {
    let written = |ahead: i64, stamped: i64| {
        changed(lock(stamped), |lock| {
            lock["spec"]["renewTime"] = micro_time::format(ago(stamped - ahead)).into();
        })
    };
    assert_eq!(codes(&cluster(&written(HOUR, 2))), [Code::Skew]);
    assert_eq!(codes(&cluster(&written(-HOUR, 2))), [Code::Skew]);
    silent(&cluster(&written(25, 2)));
    silent(&cluster(&written(-25, 2)));
    // One of ours was asked to release: its stamp is younger than its renewal.
    let ours = changed(written(-10 * MINUTE, 2), |lock| {
        lock["metadata"]["managedFields"][0]["manager"] = "kubectl-lease".into();
    });
    silent(&cluster(&ours));
    // Dead, so that only a clock that was ahead can be told.
    assert_eq!(
        codes(&cluster(&written(HOUR, 300))),
        [Code::Zombie, Code::Skew]
    );
    only(&cluster(&written(-HOUR, 300)), Code::Zombie);
}
