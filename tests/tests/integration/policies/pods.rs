//! Whether the holder's pod is ready is asked of the server.

use lease_tests::ApiServer;
use serde_json::json;

use super::Desk;
use crate::doctor::{UUID, running_pod};
use crate::lock::{create_expired, holder};

#[test]
fn nothing_is_taken_from_a_holder_whose_pod_is_ready() {
    let namespace = ApiServer::shared().namespace("policies");
    let client = namespace.admin();
    let desk = Desk::of(client);
    desk.adds("protect-ready-pods", &json!({"unknown": "warn"}), &[]);
    let pod = "operator-6f8d7c9b5-wq4xn";
    let identity = format!("{pod}_{UUID}");
    running_pod(client, pod, "machine");
    create_expired(client, "operator", &identity, 15);
    let steal = ["steal", "operator", "--identity", "me"];
    let output = desk.types(&steal);
    assert_eq!(output.code, Some(3), "{output:?}");
    let rule = format!("its holder, pod {}/{pod}, is ready", namespace.name());
    assert!(output.stderr.contains(&rule), "{output:?}");
    assert_eq!(holder(client, "operator"), identity);

    let condition = json!([{"type": "Ready", "status": "False"}]);
    let ill = json!({"status": {"conditions": condition}}).to_string();
    let object = format!("pod/{pod}");
    let words = [
        "patch",
        &object,
        "--subresource=status",
        "--type=strategic",
        "-p",
        &ill,
    ];
    client.kubectl(words).success();
    desk.types(&steal).success();
    assert_eq!(holder(client, "operator"), "me");
}

#[test]
fn where_nobody_knows_the_holder_the_settings_decide() {
    let namespace = ApiServer::shared().namespace("policies");
    let client = namespace.admin();
    let desk = Desk::of(client);
    create_expired(client, "nightly", "ci@runner-7", 15);
    desk.adds("protect-ready-pods", &json!({"unknown": "deny"}), &[]);
    let steal = ["steal", "nightly", "--identity", "me"];
    let output = desk.types(&steal);
    assert_eq!(output.code, Some(3), "{output:?}");
    assert!(output.stderr.contains("(holder-unknown)"), "{output:?}");
    desk.adds("protect-ready-pods", &json!({}), &[]);
    let output = desk.types(&steal).success();
    assert!(
        output.stderr.contains("policy protect-ready-pods warns"),
        "{output:?}"
    );
    assert_eq!(holder(client, "nightly"), "me");
}
