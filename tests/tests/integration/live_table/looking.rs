//! Finding the lock that one looks for: filters, orders, columns, namespaces and contexts.

use lease_tests::{ApiServer, Client, Namespace, Terminal};
use serde_json::Value;

use super::words;
use super::{COLUMNS, ESC, LINES, command, open, row, shown, stands};
use crate::lock::{create_expired, held};

/// As they stand at first: what is stuck comes first.
const ALL: [&str; 4] = ["date", "apple", "banana", "cherry"];
const BY_NAME: [&str; 4] = ["apple", "banana", "cherry", "date"];
const BY_HOLDER: [&str; 4] = ["banana", "cherry", "date", "apple"];

/// A namespace with three locks that live, and one that is expired.
fn some_locks<'a>() -> Namespace<'a> {
    let namespace = ApiServer::shared().namespace("table");
    let client = namespace.admin();
    for (name, holder) in [("apple", "zoe"), ("banana", "ann"), ("cherry", "ann")] {
        client.create(&held(name, holder, 600));
    }
    create_expired(client, "date", "bob", 15);
    namespace
}

#[test]
fn a_filter_narrows_and_esc_takes_it_back() {
    let namespace = some_locks();
    let mut table = open(namespace.admin(), "");
    table.wait_for(|text| shown(text, &ALL) == ALL);
    for (typed, left) in [
        ("an", &["banana", "cherry"][..]),
        ("state:expired", &["date"]),
        ("!state:expired", &["apple", "banana", "cherry"]),
        ("holder:ann", &["banana", "cherry"]),
        ("!holder:ann", &["date", "apple"]),
        ("holder:ann che", &["cherry"]),
        ("no such lock", &[]),
    ] {
        table.press("/");
        table.press(typed);
        table.wait_for(|text| shown(text, &ALL) == left);
        table.press("\r");
        table.wait_for(|text| shown(text, &ALL) == left && text.contains(typed));
        table.press(ESC);
        table.wait_for(|text| shown(text, &ALL) == ALL);
    }
}

#[test]
fn rows_are_sorted_by_what_one_asks_for() {
    let namespace = some_locks();
    let mut table = open(namespace.admin(), "");
    table.wait_for(|text| shown(text, &ALL) == ALL);
    for (keys, order) in [
        // Among equals the name decides, either way.
        ("r", BY_NAME),
        ("r", ALL),
        ("N", BY_NAME),
        ("N", ["date", "cherry", "banana", "apple"]),
        ("S", ALL),
        (":sort holder\r", BY_HOLDER),
        // The columns beside it.
        ("<", BY_NAME),
        (">", BY_HOLDER),
    ] {
        table.press(keys);
        table.wait_for(|text| shown(text, &ALL) == order);
    }
    let header = words::header(&table.text()).to_owned();
    let column = header.find("NAME").unwrap();
    let line = table.text().lines().position(|line| line == header);
    table.click(
        header[..column].chars().count().try_into().unwrap(),
        line.unwrap().try_into().unwrap(),
    );
    table.wait_for(|text| shown(text, &ALL) == BY_NAME);
}

#[test]
fn a_click_selects_a_row_and_enter_shows_it() {
    let namespace = some_locks();
    let mut table = open(namespace.admin(), "");
    let text = table.wait_for(|text| stands(text, "cherry", "ann"));
    let line = text
        .lines()
        .position(|line| Some(line) == row(&text, "cherry"));
    table.click(10, line.unwrap().try_into().unwrap());
    table.press("\r");
    table.wait_for(|text| text.contains("cherry") && !text.contains("apple"));
    table.press(ESC);
    table.wait_for(|text| row(text, "apple").is_some());
    table.press("gjj\r");
    table.wait_for(|text| text.contains("banana") && !text.contains("apple"));
}

#[test]
fn another_namespace_is_looked_into_and_all_of_them() {
    let (here, there) = (some_locks(), ApiServer::shared().namespace("table"));
    there.admin().create(&held("elsewhere", "eve", 600));
    let mut table = open(here.admin(), "");
    table.wait_for(|text| stands(text, "apple", "zoe"));
    table.press(&format!(":ns {}\r", there.name()));
    table.wait_for(|text| stands(text, "elsewhere", "eve") && row(text, "apple").is_none());
    table.press("0");
    // There are more of them than lines.
    table.press(&format!("/{}\r", there.name()));
    table.wait_for(|text| stands(text, "elsewhere", there.name()));
    table.press(ESC);
    table.wait_for(|text| !text.contains(&format!("/{}", there.name())));
    table.press(&format!(":ns {}\r", here.name()));
    table.wait_for(|text| stands(text, "apple", "zoe") && row(text, "elsewhere").is_none());
    // One that is not there is told to be empty, and left again.
    table.press(":ns nowhere\r");
    table.wait_for(|text| text.contains("nowhere") && row(text, "apple").is_none());
}

/// The kubeconfig of one with the contexts of another one as well, named otherwise.
fn both(one: &Client, other: &Client, name: &str) -> Client {
    let text = std::fs::read_to_string(other.kubeconfig()).unwrap();
    let other: Value = serde_json::from_str(&text).unwrap();
    let user = other["current-context"].clone();
    one.changed(|config| {
        for (list, of) in [
            ("clusters", "cluster"),
            ("users", "user"),
            ("contexts", "context"),
        ] {
            let mut found = other[list].as_array().unwrap().iter();
            let mut entry = match list {
                "clusters" => found.next(),
                _ => found.find(|entry| entry["name"] == user),
            }
            .unwrap()
            .clone();
            entry["name"] = name.into();
            if of == "context" {
                entry["context"]["cluster"] = name.into();
                entry["context"]["user"] = name.into();
            }
            config[list].as_array_mut().unwrap().push(entry);
        }
    })
}

#[test]
fn another_cluster_is_looked_into() {
    let here = some_locks();
    let other = ApiServer::start();
    other.admin().create(&held("on-the-other", "eve", 600));
    let client = both(here.admin(), other.admin(), "far");
    let mut table = open(&client, "");
    table.wait_for(|text| stands(text, "apple", "zoe"));
    table.press(":ctx far\r");
    table.wait_for(|text| stands(text, "on-the-other", "eve") && row(text, "apple").is_none());
    // What is written there arrives.
    other.admin().create(&held("another", "eve", 600));
    table.wait_for(|text| stands(text, "another", "eve"));
    table.press(":ctx admin\r");
    table.wait_for(|text| stands(text, "apple", "zoe") && row(text, "another").is_none());
    table.press(":ctx nowhere\r");
    table.wait_for(|text| text.contains("nowhere"));
}

/// Who may not look is told which right is missing, and stays who they were.
#[test]
fn somebody_else_is_looked_as() {
    let here = some_locks();
    let client = both(here.admin(), &here.client("alice"), "as-alice");
    let mut table = open(&client, "");
    table.wait_for(|text| stands(text, "apple", "zoe"));
    table.press(":ctx as-alice\r");
    table.wait_for(|text| words::is_right_missing(text) && row(text, "apple").is_none());
    table.press(ESC);
    table.wait_for(|text| stands(text, "apple", "zoe"));
    // It is still the first one whose changes come.
    here.admin().create(&held("elderberry", "eve", 600));
    table.wait_for(|text| stands(text, "elderberry", "eve"));
}

#[test]
fn columns_that_are_chosen_are_remembered() {
    let namespace = some_locks();
    // Other tests have the same home.
    let home = tempfile::tempdir().unwrap();
    let at_home = || {
        let mut command = command(namespace.admin(), "");
        Terminal::start(command.env("HOME", home.path()), COLUMNS, LINES)
    };
    let mut table = at_home();
    let text = table.wait_for(|text| stands(text, "apple", "zoe"));
    assert!(words::header(&text).contains("HOLDER"), "{text}");
    table.press("c");
    words::toggle(&mut table, "HOLDER");
    table.press(ESC);
    table.wait_for(|text| row(text, "apple").is_some() && !text.contains("zoe"));
    table.press("q");
    assert_eq!(table.end(), Some(0));
    let mut again = at_home();
    let text = again.wait_for(|text| row(text, "apple").is_some());
    assert!(!text.contains("zoe"), "{text}");
}
