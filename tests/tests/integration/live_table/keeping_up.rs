//! Changes on the server, and on the terminal.

use std::time::Duration;

use lease_tests::ApiServer;

use super::{open, row, stands};
use crate::lock::{held, renew};

/// Far more than it takes: how long it takes is measured by the bench.
const SOON: Duration = Duration::from_secs(2);

#[test]
fn a_renewal_is_on_the_screen_soon() {
    let namespace = ApiServer::shared().namespace("table");
    let client = namespace.admin();
    client.create(&held("short", "holder", 2));
    let mut table = open(client, "");
    table.wait_for(|text| stands(text, "short", "held"));
    table.wait_for(|text| stands(text, "short", "expired"));
    let renewed = client.writer().renew(namespace.name(), "short");
    let seen = table.wait_until(|screen| stands(&screen.contents(), "short", "held"));
    assert!(seen.saturating_duration_since(renewed) < SOON);
}

#[test]
fn what_comes_and_goes_is_shown() {
    let namespace = ApiServer::shared().namespace("table");
    let client = namespace.admin();
    client.create(&held("first", "one", 600));
    let mut table = open(client, "");
    table.wait_for(|text| stands(text, "first", "one"));
    client.create(&held("second", "two", 600));
    table.wait_for(|text| stands(text, "second", "two"));
    let change = serde_json::json!({"spec": {"holderIdentity": "three"}});
    client.writer().patch(namespace.name(), "first", &change);
    table.wait_for(|text| stands(text, "first", "three"));
    client.kubectl(["delete", "lease", "second"]).success();
    // It lingers for a while, and is told to be gone.
    table.wait_for(|text| stands(text, "second", "deleted"));
    table.wait_for(|text| row(text, "second").is_none());
}

#[test]
fn a_storm_of_resizes_does_no_harm_while_changes_come() {
    let namespace = ApiServer::shared().namespace("table");
    let client = namespace.admin();
    let names: Vec<String> = (0..20).map(|number| format!("lock-{number:02}")).collect();
    let locks: Vec<_> = names.iter().map(|name| held(name, "holder", 600)).collect();
    client.create_all(&locks);
    let mut table = open(client, "");
    table.wait_for(|text| stands(text, "lock-00", "held"));
    let renewals = client.writer().keep_renewing(namespace.name(), names, 100);
    for number in 0..100_u16 {
        // Each size is another one than the last, and the smallest and flattest are among them.
        let (columns, lines) = (1 + number * 37 % 200, 1 + number * 23 % 50);
        table.resize(columns, lines);
        table.watch(Duration::from_millis(10));
    }
    assert!(renewals.per_second() > 10.0);
    table.resize(100, 25);
    table.wait_for(|text| stands(text, "lock-00", "held") && stands(text, "lock-15", "held"));
    renew(client, "lock-00", "holder");
    table.press("\u{3}");
    assert_eq!(table.end(), Some(0));
    assert_eq!(table.left_behind(), [""; 0]);
}
