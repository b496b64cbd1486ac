//! Filters, order, columns, namespaces and contexts.

use crossterm::event::{KeyCode, KeyModifiers};

use super::{notice, scene};
use crate::live::message::{Done, Message, Wish};
use crate::live::scene::given;
use crate::live::state::Connection;
use crate::lock_row::Column;

#[test]
fn keys_that_sort() {
    let mut scene = scene();
    for (keys, expected) in [
        ("N", (Column::Name, false)),
        ("N", (Column::Name, true)),
        ("P", (Column::Namespace, false)),
        ("A", (Column::Age, false)),
        ("S", (Column::State, false)),
        (">", (Column::Namespace, false)),
        (">", (Column::Name, false)),
        ("<", (Column::Namespace, false)),
        ("r", (Column::Namespace, true)),
        ("r", (Column::Namespace, false)),
        (":sort transitions\n", (Column::Transitions, false)),
        (":sort EXPIRES\n", (Column::Expires, false)),
        (":sort nothing\n", (Column::Expires, false)),
    ] {
        scene.type_in(keys);
        assert_eq!(scene.sorted_by(), expected, "{keys}");
    }
    assert_eq!(notice(&scene), "no column is called \"nothing\"");
}

/// However a table is sorted, and whatever changes, its order is that of sorting it at once.
#[test]
fn rows_move_to_where_they_belong() {
    for column in Column::ALL {
        let mut scene = scene();
        scene.type_in(&format!(":sort {}", column.title()));
        scene.press(KeyCode::Enter, KeyModifiers::NONE);
        for round in 0..40_i64 {
            let names = ["b", "a", "c", "f", "e"];
            let name = names[usize::try_from(round).unwrap() % names.len()];
            let holder = ["x", "", "y"][usize::try_from(round).unwrap() % 3];
            let lasts = [Some(20), None, Some(5)][usize::try_from(round % 7).unwrap() % 3];
            scene.write(&given("n", name, holder, round * 13 % 50, lasts));
            scene.pass(700);
            let moved: Vec<String> = scene.names().into_iter().map(str::to_owned).collect();
            let arrangement = scene.state.locks.arrangement().clone();
            scene.state.locks.arrange(arrangement);
            assert_eq!(moved, scene.names(), "{column:?} in round {round}");
        }
    }
}

#[test]
fn a_filter_is_applied_as_it_is_typed_and_taken_back() {
    let mut scene = scene();
    scene.type_in("/state:");
    assert_eq!(scene.names().len(), 6);
    scene.type_in("expired");
    assert_eq!(scene.names(), ["billing-batch"]);
    scene.press(KeyCode::Esc, KeyModifiers::NONE);
    assert_eq!(scene.names().len(), 6);
    assert!(scene.state.prompt.is_none());
    for (typed, names) in [
        (
            "!state:held !state:free",
            vec!["lock-tfstate-default", "billing-batch", "report-writer"],
        ),
        ("holder:CONTROL", vec!["kube-scheduler"]),
        // Who has no holder has none of that name either.
        (
            "!holder:writer",
            vec![
                "lock-tfstate-default",
                "billing-batch",
                "kube-scheduler",
                "cache-warmer",
            ],
        ),
        ("payments LED", vec!["ledger-writer"]),
        (
            "!",
            vec![
                "lock-tfstate-default",
                "billing-batch",
                "report-writer",
                "kube-scheduler",
                "ledger-writer",
                "cache-warmer",
            ],
        ),
    ] {
        scene.type_in("/");
        scene.control('u');
        scene.type_in(typed);
        scene.press(KeyCode::Enter, KeyModifiers::NONE);
        assert_eq!(scene.names(), names, "{typed}");
    }
    scene.type_in("/x");
    scene.control('w');
    scene.press(KeyCode::Backspace, KeyModifiers::NONE);
    assert!(scene.state.prompt.is_none(), "an empty line is left");
    scene.type_in("/payments\n");
    scene.press(KeyCode::Esc, KeyModifiers::NONE);
    assert_eq!(scene.names().len(), 6, "esc shows all");
}

#[test]
fn commands() {
    for (typed, wishes, told) in [
        ("q", vec![Wish::Quit], ""),
        (
            "ns payments",
            vec![Wish::Namespace(Some("payments".into()))],
            "",
        ),
        ("ns", vec![Wish::Namespace(None)], ""),
        ("ns all", vec![Wish::Namespace(None)], ""),
        ("ctx other", vec![Wish::Context("other".into())], ""),
        ("ns Not_One", vec![], "namespace"),
        ("ns a b", vec![], ":ns takes one word"),
        ("nothing", vec![], "no command is called \"nothing\""),
        ("", vec![], ""),
    ] {
        let mut scene = scene();
        scene.type_in(":");
        assert_eq!(scene.wishes, [Wish::Names]);
        scene.wishes.clear();
        scene.type_in(typed);
        scene.press(KeyCode::Enter, KeyModifiers::NONE);
        assert_eq!(scene.wishes, wishes, "{typed}");
        assert!(notice(&scene).contains(told), "{typed}: {}", notice(&scene));
    }
    let mut scene = scene();
    scene.type_in("0");
    assert_eq!(scene.wishes, [Wish::Namespace(None)]);
}

#[test]
fn commands_are_completed() {
    let mut scene = scene();
    scene.hear(Message::Done(Done::Names {
        namespaces: vec!["payments".into(), "payroll".into()],
        contexts: vec!["prod-eu".into()],
    }));
    for (typed, completed) in [
        ("n", "ns "),
        ("ns p", "ns pay"),
        ("ns paym", "ns payments"),
        ("ctx p", "ctx prod-eu"),
        ("sort tr", "sort transitions"),
        ("ns x", "ns x"),
    ] {
        scene.type_in(":");
        scene.type_in(typed);
        scene.press(KeyCode::Tab, KeyModifiers::NONE);
        let text = scene
            .state
            .prompt
            .as_ref()
            .map(|prompt| prompt.text.clone());
        assert_eq!(text.as_deref(), Some(completed));
        scene.press(KeyCode::Esc, KeyModifiers::NONE);
    }
}

#[test]
fn another_cluster_or_namespace_begins_anew() {
    let mut scene = scene();
    scene.type_in("d");
    scene.hear(Message::Switched {
        context: "test".into(),
        namespace: Some("web".into()),
    });
    assert_eq!(scene.state.connection, Connection::Opening);
    assert!(scene.names().is_empty() && scene.state.pages.is_empty());
    assert!(!scene.state.visible_columns().contains(&Column::Namespace));
    assert_eq!(
        (
            scene.state.context.as_str(),
            scene.state.namespace.as_deref()
        ),
        ("test", Some("web"))
    );
}

#[test]
fn columns_are_chosen() {
    let mut scene = scene();
    let before = scene.state.columns.clone();
    scene.type_in("c ");
    assert_eq!(scene.state.columns, before[1..]);
    scene.type_in(" ");
    assert_eq!(scene.state.columns.last(), Some(&Column::State));
    for _ in 1..before.len() {
        scene.type_in("<");
    }
    assert_eq!(scene.state.columns, before);
    scene.type_in(">");
    assert_eq!(scene.state.columns[1], Column::State);
    scene.type_in("j ");
    assert!(
        scene.state.columns.contains(&Column::Name),
        "{}",
        notice(&scene)
    );
    scene.press(KeyCode::Enter, KeyModifiers::NONE);
    assert_eq!(scene.wishes, [Wish::Columns(scene.state.columns.clone())]);
}
