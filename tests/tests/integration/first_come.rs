//! Among ours, who comes first is served first: whoever takes a ticket earlier, by the server's own
//! count, holds the lock earlier.

use std::collections::HashMap;
use std::time::Duration;

use lease_tests::{ApiServer, Client, Kind, Process, Witness};

use crate::lock::{LIMIT, held};

/// How many contend in this process, and how many in processes of their own.
const EACH: u32 = 4;
const ROUNDS: u32 = 10;

/// What happened to leases: kubectl tells, which knows nothing of tickets.
struct History {
    kubectl: Process,
}

/// A state of a lease.
#[derive(Debug)]
struct State {
    holder: String,
    name: String,
    version: u64,
}

impl History {
    fn follow(client: &Client) -> Self {
        let columns = "{.object.metadata.name} {.object.metadata.resourceVersion} \
                       {.object.spec.holderIdentity}{\"\\n\"}";
        let mut kubectl = client.kubectl_command();
        kubectl.args(["get", "leases", "--watch", "--output-watch-events"]);
        kubectl.args(["-o", &format!("jsonpath={columns}")]);
        let mut history = Self {
            kubectl: Process::start(&mut kubectl),
        };
        client.create(&held("begin", "nobody", 1));
        history.until("begin");
        history
    }

    /// All states until there is a lease of this name.
    fn until(&mut self, name: &str) -> Vec<State> {
        let mut states = Vec::new();
        loop {
            let line = self.kubectl.line(LIMIT).expect("kubectl goes on");
            let words: Vec<_> = line.split(' ').collect();
            let [lease, version, holder] = words[..] else {
                panic!("kubectl printed {line}");
            };
            if lease == name {
                return states;
            }
            states.push(State {
                holder: holder.to_owned(),
                name: lease.to_owned(),
                version: version.parse().unwrap(),
            });
        }
    }
}

#[test]
fn tickets_are_served_in_the_order_of_their_versions() {
    let namespace = ApiServer::shared().namespace("first-come");
    let client = namespace.admin();
    let mut history = History::follow(client);
    let witness = Witness::new();
    let start = |kind| {
        namespace
            .contenders(kind, "lock", &witness)
            .many(EACH)
            // Until all wait.
            .first(Duration::from_secs(3))
            .hold(Duration::from_millis(5))
            .rounds(ROUNDS)
            .start()
    };
    for mut contenders in [Kind::Library, Kind::Run].map(start) {
        contenders.wait(LIMIT);
    }
    client.create(&held("end", "nobody", 1));

    let mut tickets = HashMap::new();
    let mut holders: Vec<String> = Vec::new();
    for State {
        holder,
        name,
        version,
    } in history.until("end")
    {
        if name != "lock" {
            // The state in which it is deleted comes later.
            tickets.entry(holder).or_insert(version);
        } else if !holder.is_empty() && holders.last() != Some(&holder) {
            holders.push(holder);
        }
    }
    assert_eq!(holders.len(), (2 * EACH * ROUNDS) as usize);
    let served: Vec<_> = holders.iter().filter_map(|who| tickets.get(who)).collect();
    // But for the first ones, everybody had to wait.
    assert!(
        served.len() > (2 * EACH * (ROUNDS - 1)) as usize,
        "{}",
        served.len()
    );
    assert!(served.is_sorted(), "{served:?}");
    assert_eq!(witness.overlap(), None);
}
