//! Locks whose writers meant no good, or did not know better.

use jiff::Timestamp;
use lease_tests::{ApiServer, Client, Output};
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use crate::lock::{get, held, micros, state};

/// Holders that a terminal must never get as they are, and some that only look strange.
fn holders() -> Vec<(&'static str, String)> {
    vec![
        ("bidi", "safe\u{202e}gnihton\u{2066}\u{200f}".to_owned()),
        ("c1", "a\u{9b}31mb\u{85}c\u{90}".to_owned()),
        (
            "escape",
            "\u{1b}[31m\u{1b}]0;owned\u{7}\u{1b}[2J".to_owned(),
        ),
        (
            "joined",
            "👩\u{200d}👩\u{200d}👧 e\u{301} \u{fe0f}".to_owned(),
        ),
        ("lines", "one\ntwo\r\nthree\tfour\0\u{2028}".to_owned()),
        ("long", "x".repeat(10_000)),
        ("long-wide", "主".repeat(10_000)),
        ("spaces", "   ".to_owned()),
        ("wide", "主从 ｆｕｌｌ 한국".to_owned()),
        (
            "yaml",
            "- {a: &b *b} # 'x' \"y\": !!null\n...\n---".to_owned(),
        ),
    ]
}

/// What is no text for a terminal: controls other than the end of a line, and what reorders or
/// hides.
fn assert_harmless(what: &str, output: &Output) {
    assert!(!output.stderr.contains("panicked"), "{what}: {output:?}");
    assert!(
        matches!(output.code, Some(0 | 1 | 3 | 4)),
        "{what}: {output:?}"
    );
    for text in [&output.stdout, &output.stderr] {
        let harmful = |c: char| {
            c != '\n' && c.is_control()
                || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                    | '\u{2060}'..='\u{206f}' | '\u{feff}')
        };
        let found: Vec<char> = text.chars().filter(|&c| harmful(c)).collect();
        assert!(found.is_empty(), "{what}: {found:?} in {output:?}");
    }
}

fn create_hostile(client: &Client) {
    for (name, holder) in holders() {
        let mut lease = held(name, &holder, 600);
        lease["metadata"]["annotations"] = json!({"note": holder});
        client.create(&lease);
    }
}

#[test]
fn every_view_of_a_hostile_holder_is_harmless() {
    let namespace = ApiServer::shared().namespace("hostile");
    let client = namespace.admin();
    create_hostile(client);

    for format in ["table", "wide", "json", "name"] {
        let output = client.plugin(["ls", "-o", format]).success();
        assert_harmless(format, &output);
    }
    for (name, holder) in holders() {
        for args in [
            &["describe", name][..],
            &["ls", name, "-o", "json"],
            &["timing", name],
            &["force-release", name, "--dry-run"],
        ] {
            let output = client.plugin(args).success();
            assert_harmless(name, &output);
        }
        for (args, code) in [
            (&["steal", name][..], 3),
            (&["steal", name, "--release"], 3),
            (&["acquire", name, "--try"], 4),
            (&["release", name, "--identity", "nobody"], 3),
            (&["renew", name, "--identity", "nobody"], 3),
        ] {
            let output = client.plugin(args);
            assert_harmless(name, &output);
            assert_eq!(output.code, Some(code), "{args:?}: {output:?}");
        }
        assert_eq!(get(client, name)["spec"]["holderIdentity"], holder.as_str());
    }
}

#[test]
fn yaml_is_harmless_too() {
    let namespace = ApiServer::shared().namespace("hostile");
    let client = namespace.admin();
    create_hostile(client);
    let output = client.plugin(["ls", "-o", "yaml"]).success();
    assert_harmless("yaml", &output);
    for (name, _) in holders() {
        let output = client.plugin(["describe", name, "-o", "yaml"]).success();
        assert_harmless(name, &output);
    }
}

#[test]
fn the_longest_name_can_be_copied_from_the_table() {
    let namespace = ApiServer::shared().namespace("hostile");
    let client = namespace.admin();
    let name = "n".repeat(253);
    client.create(&held(&name, "x", 600));
    for format in ["table", "wide", "name"] {
        let output = client.plugin(["ls", "-o", format]).success();
        assert!(output.stdout.contains(&name), "{output:?}");
    }
}

#[test]
fn json_says_exactly_what_the_server_has() {
    let namespace = ApiServer::shared().namespace("hostile");
    let client = namespace.admin();
    create_hostile(client);
    let list = client.plugin(["ls", "-o", "json"]).json();
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), holders().len());
    for (item, (name, holder)) in items.iter().zip(holders()) {
        assert_eq!(item["metadata"]["name"], name);
        assert_eq!(item["spec"]["holderIdentity"], holder.as_str());
        assert_eq!(item["metadata"]["annotations"]["note"], holder.as_str());
    }
}

#[test]
fn yaml_says_what_the_server_has_by_kubectl_s_reading() {
    let namespace = ApiServer::shared().namespace("hostile");
    let client = namespace.admin();
    create_hostile(client);
    for (name, holder) in holders() {
        let yaml = client.plugin(["describe", name, "-o", "yaml"]).success();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &yaml.stdout).unwrap();
        let path = file.path().to_str().unwrap();
        let read = client.kubectl(["create", "--dry-run=client", "-o", "json", "-f", path]);
        let read = read.json();
        assert_eq!(
            read["spec"]["holderIdentity"],
            holder.as_str(),
            "{}",
            yaml.stdout
        );
    }
}

#[test]
fn columns_stand_under_each_other() {
    let namespace = ApiServer::shared().namespace("hostile");
    let client = namespace.admin();
    create_hostile(client);
    let table = client.plugin(["ls"]).success().stdout;
    let (header, rows) = table.split_once('\n').unwrap();
    let column = header[..header.find("RENEWED").unwrap()].width();
    assert_eq!(rows.lines().count(), holders().len());
    for row in rows.lines() {
        // The renewal is a time ago, before which there are only blanks.
        let rest = row.char_indices().map(|(at, _)| row.split_at(at));
        let mut rest = rest.filter(|(before, _)| before.width() == column);
        let (before, renewed) = rest.next_back().unwrap_or_else(|| panic!("{row}"));
        assert!(before.ends_with("   "), "{table}");
        let word = renewed.split_whitespace().nth(1);
        assert_eq!(word, Some("ago"), "{table}");
    }
}

/// A lease with this spec, which the server takes.
fn odd(client: &Client, name: &str, spec: Value) {
    let mut lease = held(name, "x", 1);
    lease["spec"] = spec;
    client.create(&lease);
}

#[test]
fn odd_records_are_told_as_what_they_are() {
    let namespace = ApiServer::shared().namespace("hostile");
    let client = namespace.admin();
    let now = micros(Timestamp::now());
    let never = "0001-01-01T00:00:00.000000Z";
    let last = "9999-12-31T23:59:59.999999Z";
    odd(client, "empty", json!({}));
    odd(client, "holder-only", json!({"holderIdentity": "x"}));
    odd(
        client,
        "no-time",
        json!({
            "acquireTime": never, "holderIdentity": "x", "leaseDurationSeconds": 15,
            "renewTime": never,
        }),
    );
    odd(
        client,
        "eternal",
        json!({
            "holderIdentity": "x", "leaseDurationSeconds": i32::MAX, "leaseTransitions": i32::MAX,
            "renewTime": now,
        }),
    );
    odd(
        client,
        "far-future",
        json!({
            "acquireTime": last, "holderIdentity": "x", "leaseDurationSeconds": i32::MAX,
            "renewTime": last,
        }),
    );
    odd(
        client,
        "early",
        json!({
            "acquireTime": "0002-02-02T00:00:00.000000Z", "holderIdentity": "x",
            "leaseDurationSeconds": 15, "renewTime": "0002-02-02T00:00:00.000000Z",
        }),
    );
    let long_name = "n".repeat(253);
    odd(
        client,
        &long_name,
        json!({
            "holderIdentity": "x", "leaseDurationSeconds": 600, "renewTime": now,
        }),
    );
    let without_spec = json!({
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "bare"},
    });
    client.create(&without_spec);

    for (name, expected, steal, release) in [
        ("bare", "free", 3, 0),
        ("early", "held", 3, 3),
        ("empty", "free", 3, 0),
        ("eternal", "held", 3, 3),
        ("far-future", "held", 3, 3),
        ("holder-only", "unbounded", 3, 3),
        ("no-time", "unbounded", 3, 3),
        (long_name.as_str(), "held", 3, 3),
    ] {
        assert_eq!(state(client, name), expected, "{name}");
        for (args, code) in [
            (&["ls", name, "-o", "wide"][..], 0),
            (&["ls", name, "-o", "yaml"], 0),
            (&["describe", name], 0),
            (&["steal", name], steal),
            (&["release", name, "--identity", "nobody"], release),
        ] {
            let output = client.plugin(args);
            assert_harmless(name, &output);
            assert_eq!(output.code, Some(code), "{args:?}: {output:?}");
        }
    }
    for format in ["table", "wide", "json", "yaml", "name"] {
        let output = client.plugin(["ls", "-o", format]).success();
        assert_harmless(format, &output);
    }
    // Its holder goes on with a lease of the longest duration, at the last of all transitions.
    client
        .plugin(["renew", "eternal", "--identity", "x"])
        .success();
    let taken = client
        .plugin(["acquire", "bare", "--try", "--identity", "me"])
        .success();
    assert!(taken.stdout.contains("identity: me"), "{taken:?}");
}

#[test]
fn a_lock_taken_for_ever_and_ever_is_released_by_who_holds_it() {
    let namespace = ApiServer::shared().namespace("hostile");
    let client = namespace.admin();
    odd(
        client,
        "lock",
        json!({
            "holderIdentity": "x", "leaseDurationSeconds": i32::MAX,
            "leaseTransitions": i32::MAX, "renewTime": "9999-12-31T23:59:59.999999Z",
        }),
    );
    client
        .plugin(["release", "lock", "--identity", "x"])
        .success();
    assert_eq!(state(client, "lock"), "free");
    // The count of transitions is full, and stays there.
    client.plugin(["acquire", "lock", "--try"]).success();
    assert_eq!(get(client, "lock")["spec"]["leaseTransitions"], i32::MAX);
}
