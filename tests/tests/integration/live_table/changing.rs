//! Stealing and breaking locks from the table.

use lease_tests::{ApiServer, Client, Terminal};

use super::{ESC, open, row, stands, words};
use crate::lock::{create_expired, get, held, holder, renew};

/// Opens the table with a lock chosen.
fn open_at(client: &Client, arguments: &str, name: &str) -> Terminal {
    let mut table = open(client, arguments);
    table.wait_for(|text| row(text, name).is_some());
    table.press(&format!("/{name}\r"));
    table.wait_for(|text| text.contains(&format!("/{name}")) && row(text, name).is_some());
    table
}

#[test]
fn without_leave_a_key_that_changes_says_how_to_get_it() {
    let namespace = ApiServer::shared().namespace("table");
    let client = namespace.admin();
    create_expired(client, "over", "gone", 15);
    let before = get(client, "over");
    let mut table = open_at(client, "", "over");
    for (key, answer) in [("s", "f"), ("F", "over\r")] {
        table.press(key);
        table.wait_for(|text| words::is_not_allowed(text, key));
        // What would be the answer to a question.
        table.press(answer);
    }
    table.press("\u{3}");
    assert_eq!(table.end(), Some(0));
    assert_eq!(get(client, "over"), before);
}

#[test]
fn a_lock_is_stolen_once_its_proof_was_seen() {
    let namespace = ApiServer::shared().namespace("table");
    let client = namespace.admin();
    create_expired(client, "over", "gone", 15);
    let before = get(client, "over");
    let mut table = open_at(client, "--allow-changes", "over");
    table.press("s");
    table.wait_for(|text| words::asks_to_steal(text) && text.contains("gone"));
    table.press(ESC);
    table.wait_for(|text| !words::asks_to_steal(text));
    assert_eq!(get(client, "over"), before);

    table.press("s");
    table.wait_for(words::asks_to_steal);
    table.press(words::STEAL_AND_FREE);
    table.wait_for(|text| stands(text, "over", "free"));
    assert_eq!(holder(client, "over"), "");
}

#[test]
fn a_lock_is_stolen_and_kept() {
    let namespace = ApiServer::shared().namespace("table");
    let client = namespace.admin();
    create_expired(client, "over", "gone", 15);
    let mut table = open_at(client, "--allow-changes", "over");
    table.press("s");
    table.wait_for(words::asks_to_steal);
    table.press(words::STEAL_AND_TAKE);
    table.wait_for(|text| stands(text, "over", "held") && !stands(text, "over", "gone"));
    assert!(!["", "gone"].contains(&holder(client, "over").as_str()));
}

#[test]
fn nothing_is_stolen_from_who_lives() {
    let namespace = ApiServer::shared().namespace("table");
    let client = namespace.admin();
    client.create(&held("kept", "alive", 600));
    let before = get(client, "kept");
    let mut table = open_at(client, "--allow-changes", "kept");
    table.press("s");
    table.wait_for(words::is_not_stolen);
    table.press(words::STEAL_AND_FREE);
    table.press(ESC);
    table.wait_for(|text| stands(text, "kept", "held"));
    assert_eq!(get(client, "kept"), before);
}

/// Between the question and the answer, the holder comes back.
#[test]
fn a_holder_that_renews_while_one_is_asked_keeps_its_lock() {
    let namespace = ApiServer::shared().namespace("table");
    let client = namespace.admin();
    create_expired(client, "over", "back-again", 15);
    let mut table = open_at(client, "--allow-changes", "over");
    table.press("s");
    table.wait_for(words::asks_to_steal);
    renew(client, "over", "back-again");
    table.press(words::STEAL_AND_FREE);
    table.wait_for(words::is_not_stolen);
    assert_eq!(holder(client, "over"), "back-again");
}

#[test]
fn a_lock_is_broken_once_its_name_was_typed() {
    let namespace = ApiServer::shared().namespace("table");
    let client = namespace.admin();
    client.create(&held("kept", "alive", 5));
    let before = get(client, "kept");
    let mut table = open_at(client, "--allow-changes", "kept");
    for (typed, is_wrong) in [("", true), ("kep", true), ("other", true), ("kept", false)] {
        table.press("F");
        table.wait_for(|text| words::asks_to_break(text) && text.contains("alive"));
        table.press(typed);
        if is_wrong {
            table.press("\r");
            table.wait_for(words::is_wrong_name);
            assert_eq!(get(client, "kept"), before, "{typed}");
            // What was said goes when the next question comes.
            table.press("F");
            table.wait_for(words::asks_to_break);
            table.press(ESC);
            table.wait_for(|text| !words::asks_to_break(text) && !words::is_wrong_name(text));
        }
    }
    table.press("\r");
    table.wait_for(|text| !words::asks_to_break(text) && !stands(text, "kept", "alive"));
    assert_ne!(holder(client, "kept"), "alive");
}

/// Whoever may only look is told so by the server.
#[test]
fn who_has_no_right_to_change_is_told() {
    let namespace = ApiServer::shared().namespace("table");
    let client = namespace.admin();
    create_expired(client, "over", "gone", 15);
    let before = get(client, "over");
    for line in [
        "create role looker --verb=get,list,watch --resource=leases",
        "create rolebinding looker --role=looker --user=alice",
    ] {
        client.kubectl(line.split(' ')).success();
    }
    let alice = namespace.client("alice");
    crate::lock::until("the role is known", || {
        alice.kubectl(["auth", "can-i", "list", "leases"]).stdout == "yes\n"
    });
    let mut table = open_at(&alice, "--allow-changes", "over");
    table.press("s");
    table.wait_for(words::asks_to_steal);
    table.press(words::STEAL_AND_FREE);
    table.wait_for(|text| text.contains("you may not update"));
    assert_eq!(get(client, "over"), before);
}
