//! The codes of findings, with what each means: the source of `doctor --explain` and of
//! docs/findings.md.

/// What is wrong, in one word. The words stay as they are: programs read them.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Code {
    HolderNodeDown,
    HolderGone,
    LeaderForLife,
    Rbac,
    Deadlock,
    HolderRestarted,
    Zombie,
    IdentityStall,
    Coordinated,
    Expired,
    Malformed,
    Unbounded,
    SlowApiServer,
    Flapping,
    Collision,
    Skew,
    DeadTicket,
    Misconfigured,
    Leftover,
    NodeLeaseOrphan,
    RenewingWithoutNode,
}

/// What is to be said of a code.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Explanation {
    /// What it means.
    pub(crate) means: &'static str,
    /// How it is known.
    pub(crate) known_by: &'static str,
    /// Where it is not told, though one might think so.
    pub(crate) silent: &'static str,
    /// What to do.
    pub(crate) remedy: &'static str,
}

impl Code {
    pub(crate) const ALL: [Self; 21] = [
        Self::HolderNodeDown,
        Self::HolderGone,
        Self::LeaderForLife,
        Self::Rbac,
        Self::Deadlock,
        Self::HolderRestarted,
        Self::Zombie,
        Self::IdentityStall,
        Self::Coordinated,
        Self::Expired,
        Self::Malformed,
        Self::Unbounded,
        Self::SlowApiServer,
        Self::Flapping,
        Self::Collision,
        Self::Skew,
        Self::DeadTicket,
        Self::Misconfigured,
        Self::Leftover,
        Self::NodeLeaseOrphan,
        Self::RenewingWithoutNode,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::HolderNodeDown => "HOLDER_NODE_DOWN",
            Self::HolderGone => "HOLDER_GONE",
            Self::LeaderForLife => "LEADER_FOR_LIFE",
            Self::Rbac => "RBAC",
            Self::Deadlock => "DEADLOCK",
            Self::HolderRestarted => "HOLDER_RESTARTED",
            Self::Zombie => "ZOMBIE",
            Self::IdentityStall => "IDENTITY_STALL",
            Self::Coordinated => "COORDINATED",
            Self::Expired => "EXPIRED",
            Self::Malformed => "MALFORMED",
            Self::Unbounded => "UNBOUNDED",
            Self::SlowApiServer => "SLOW_API_SERVER",
            Self::Flapping => "FLAPPING",
            Self::Collision => "COLLISION",
            Self::Skew => "SKEW",
            Self::DeadTicket => "DEAD_TICKET",
            Self::Misconfigured => "MISCONFIGURED",
            Self::Leftover => "LEFTOVER",
            Self::NodeLeaseOrphan => "NODE_LEASE_ORPHAN",
            Self::RenewingWithoutNode => "RENEWING_WITHOUT_NODE",
        }
    }

    /// The code of this name, in either case and with either kind of dash.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let name = name.to_uppercase().replace('-', "_");
        Self::ALL.into_iter().find(|code| code.name() == name)
    }

    #[expect(clippy::too_many_lines, reason = "a table, told once for all codes")]
    pub(crate) const fn explanation(self) -> Explanation {
        match self {
            Self::HolderNodeDown => Explanation {
                means: "The node that the holder runs on is not ready, and the lock is not renewed. \
                        One dead node is told once, with all the locks that it took along.",
                known_by: "The holder's identity names a pod or a node, the node's condition Ready \
                           is False or Unknown, and the record has not changed since.",
                silent: "While the holder still renews: then only the kubelet is ill.",
                remedy: "Look at the node. A lock with a time limit is free for others once its \
                         lease is over; whoever ran there may still be running, cut off.",
            },
            Self::HolderGone => Explanation {
                means: "The pod that held the lock has ended, was deleted, or was replaced by a new \
                        one of its name, and did not give the lock back.",
                known_by: "All pods and nodes could be read, and none has the name, which is of the \
                           form that is made for pods; or the pod's phase is Failed, or Succeeded \
                           where the lease is over; or it was created after the last renewal.",
                silent: "Where pods or nodes could not all be read, where two have the name, and \
                         where it may be that of a machine outside of the cluster. A lease that \
                         still runs may be held on purpose after its pod is gone. Of a lock that \
                         nobody renews, where there only is no pod of that name.",
                remedy: "Set an expired lock free. If its workload has pods, ask why none of them \
                         takes it.",
            },
            Self::LeaderForLife => Explanation {
                means: "The lock is a ConfigMap that belongs to its leader's pod (operator-lib's \
                        leader for life). Nobody renews it, and it ends only when the pod is \
                        deleted: the pod has ended, or its node is away, but it is there still.",
                known_by: "A ConfigMap without content that belongs to one Pod, and the phase of \
                           the pod of that uid: Failed (such as Evicted), or Succeeded; or its \
                           node's condition Ready: False or Unknown.",
                silent: "While the pod runs on a node that is well, and where it is gone: then the \
                         garbage collector removes the lock.",
                remedy: "Delete a pod that has ended: the garbage collector then removes the lock, \
                         and the next one leads. On a node that is away the leader may live on, so \
                         see to the node first.",
            },
            Self::Rbac => Explanation {
                means: "The lock is not renewed, and whoever should renew it may not: its service \
                        account lacks the right to get or to update the lease.",
                known_by: "The lease is over, or more than two thirds of it are; its holder's pod \
                           runs, or, where that is gone, another one of its workload; and the API \
                           server's answer to a SubjectAccessReview for its service account. At \
                           most 20 locks are asked for.",
                silent: "Where the account may patch the lease; of a static pod, which does not act \
                         as its service account; and without the right to create \
                         subjectaccessreviews.",
                remedy: "Give the account the verbs get and update on leases in a Role, and bind it \
                         there. An upgrade that renamed the lock or the account is the usual cause.",
            },
            Self::Deadlock => Explanation {
                means: "Holders wait in a circle: each holds what another one waits for, and would \
                        give it back only afterwards. A command may also wait for the very lock \
                        that it runs under.",
                known_by: "The tickets of those who wait: one that was drawn inside of \
                           `kubectl lease run` names the locks that it was drawn under, with their \
                           holders. Only a holder that holds its lock still counts.",
                silent: "Where a lock of the circle is over, since its next one takes it; of waiters \
                         that are dead; and of locks that were not taken by `run`.",
                remedy: "See whether those who wait were started in the background: then they wait \
                         their turn, and nothing is wrong. Else end one of the commands that wait (ctrl-c), \
                         or, with all that it runs, one that holds: `kubectl lease release NAME \
                         --identity HOLDER` asks it to. Then let all take these locks in the same order.",
            },
            Self::HolderRestarted => Explanation {
                means: "The holder's container was started anew, so the process that held the lock \
                        is dead. The new one has another identity and waits for the lease to end.",
                known_by: "All of the pod's containers started, or ended, after renewTime: both are \
                           told by the clock of that node.",
                silent: "While one container of several has been running since before: it may be \
                         the holder's. Of a container that runs for the first time, and of a lock \
                         that was taken without being renewed.",
                remedy: "Read why it ended. The lock is taken when its lease is over, by itself.",
            },
            Self::Zombie => Explanation {
                means: "The holder's pod runs on a node that is well, and no longer renews: it \
                        hangs, has lost its rights or its connection, or has given up leading \
                        without ending.",
                known_by: "The lease is over, the pod's phase is Running, and its containers have \
                           run since before the last renewal.",
                silent: "While the lease runs, where another pod may be meant, while the pod is \
                         being deleted, and of a lock that was taken without being renewed.",
                remedy: "Read its log. If it hangs, delete the pod, so that its owner makes another \
                         one. Others may take the lock at once, but the pod may still believe.",
            },
            Self::IdentityStall => Explanation {
                means: "An API server is not heard of any more. It renews its identity every 10 \
                        seconds, although that lasts an hour.",
                known_by: "The identity has not changed for a minute, and the machine that it names \
                           is a node.",
                silent: "Where that machine is no node, or no more: the identity of an API server \
                         that was replaced stays for an hour.",
                remedy: "Look at the API server's pod on that node.",
            },
            Self::Coordinated => Explanation {
                means: "The control plane assigns this lock (coordinated leader election), and has \
                        assigned it to nobody who lives.",
                known_by: "Its lease is over; spec.preferredHolder says for whom its holder \
                           stopped, and LeaseCandidates who stands for it.",
                silent: "While the holder renews, whoever is preferred.",
                remedy: "Look at the candidates, and at the control plane.",
            },
            Self::Expired => Explanation {
                means: "The lease is over, and nobody has renewed it or taken it.",
                known_by: "The API server's stamp of the last change is older than the duration \
                           and 5 seconds. Why is not known: the evidence says what of the holder \
                           could be found.",
                silent: "Where the reason is known: then that is told instead.",
                remedy: "Set it free, or let whoever wants it take it: an expired lock can be.",
            },
            Self::Malformed => Explanation {
                means: "The record contradicts itself, or was made to deceive who reads it.",
                known_by: "The record alone: a holder that is empty where that still locks \
                           (Terraform), that differs from its own annotation, is longer than 1024 \
                           bytes, or has control or bidirectional characters.",
                silent: "",
                remedy: "Look at the record, and at who wrote it.",
            },
            Self::Unbounded => Explanation {
                means: "The holder gave no duration or never renews, so the lock never expires, \
                        and nothing has changed for two hours.",
                known_by: "The record, and the API server's stamp.",
                silent: "For two hours, which a run of Terraform may take; and as long as the \
                         holder's pod is there.",
                remedy: "Find out whether its holder still works. Only it, or force, can free the \
                         lock; a Terraform state with `terraform force-unlock`.",
            },
            Self::Flapping => Explanation {
                means: "The lock goes from one to the other and back. Whoever leads starts from the \
                        beginning each time.",
                known_by: "Events of client-go's leader election: within an hour the same pods came \
                           back to it three times or more.",
                silent: "In a rolling update, in which nobody comes back; and where Events cannot \
                         be read. It is told of a lock, too, that its holders take in turns on \
                         purpose and write Events of: that is no election.",
                remedy: "Mostly the API server answers too late, or the holder has too little CPU. \
                         `kubectl lease timing` tells how long an API server may be away.",
            },
            Self::Collision => Explanation {
                means: "Different workloads elect their leader by the same lock, so that only one of \
                        them works, and the others look frozen; mostly two programs came with the \
                        same name for their lock. Or contenders go by the same identity, so that \
                        several of them lead at the same time.",
                known_by: "Events of client-go's leader election: within the hour pods of different \
                           controllers led by it in turns, and these pods still run. Or the \
                           identity is nothing but the host name of several nodes that are ready.",
                silent: "Where one of them never led: nothing is recorded of those who only wait. Of \
                         static pods, and of pods without a controller.",
                remedy: "If they do different work, give each a lock of its own (`--leader-election-id` \
                         and the like), or a namespace of its own. An identity needs a part that \
                         nobody else has: a pod's name, or a uuid.",
            },
            Self::SlowApiServer => Explanation {
                means: "Many holders stopped renewing in the same moment, though they live: the API \
                        server was slow or out of reach. This one cause is told, and not each of the \
                        locks.",
                known_by: "Five locks or more, of three pods or more on two nodes or more, which were \
                           renewed before and are late or over; their pods run, their nodes are \
                           ready, and the API server's stamps of their last renewals lie within 30 \
                           seconds.",
                silent: "Of fewer, and of locks that are not meant to be renewed.",
                remedy: "See to the API server and to etcd: their latency, the priority and fairness \
                         of requests, webhooks. A holder that has given up without ending is to be \
                         restarted.",
            },
            Self::Skew => Explanation {
                means: "The holder's clock is wrong, or this machine's. That harms where somebody \
                        compares renewTime with a clock, as leaselocker does; not here.",
                known_by: "renewTime and the API server's stamp of that very write are more than 30 \
                           seconds apart; or this machine's clock and the Date of the API server's \
                           answer are.",
                silent: "Where the stamp may be younger than the renewal, since the writer changed \
                         something else. Of this machine, where a year lies between them: no \
                         certificate would have been valid for both.",
                remedy: "See to the clock of the node, or of this machine (chrony, ntpd).",
            },
            Self::DeadTicket => Explanation {
                means: "Somebody in the queue is dead. Each hand-over offers the lock to it, and \
                        waits in vain for it to be confirmed.",
                known_by: "Its pod has ended, or the queue has gone past its place and it has not \
                           noticed for a minute.",
                silent: "For a minute after it began to wait; and where there only is no pod of its \
                         name, since it may be one of another cluster: the next hand-over passes it.",
                remedy: "Delete the ticket. A waiter that lives after all takes another one.",
            },
            Self::Misconfigured => Explanation {
                means: "The lease's duration does what nobody can have meant.",
                known_by: "It is longer than 30 days, or shorter than 3 seconds.",
                silent: "While nobody holds the lock, and while it is being handed over.",
                remedy: "`kubectl lease timing` tells what a duration tolerates.",
            },
            Self::Leftover => Explanation {
                means: "What used this lock is not here any more: the lease was left behind.",
                known_by: "It has been over for an hour, its holder is neither a pod nor a node, \
                           and no pod in its namespace has the holder's workload or the lock's own \
                           name for its workload.",
                silent: "Where pods or nodes could not all be read.",
                remedy: "Set it free, or delete it, if what used it was removed on purpose.",
            },
            Self::NodeLeaseOrphan => Explanation {
                means: "A node was removed, and its heartbeat stayed.",
                known_by: "A lease in kube-node-lease without a node of its name, not renewed for \
                           five minutes.",
                silent: "For five minutes, in which the garbage collector removes it.",
                remedy: "Delete the lease. If there are many, the garbage collector is not well.",
            },
            Self::RenewingWithoutNode => Explanation {
                means: "A kubelet renews its heartbeat, and there is no node of its name: somebody \
                        deleted the node while its machine went on, or the kubelet cannot register.",
                known_by: "A lease in kube-node-lease that is renewed and belongs to no node, and no \
                           node of its name.",
                silent: "For ten seconds after it was made; where the lease belongs to a node, with \
                         which the garbage collector removes it; and where nodes could not be read.",
                remedy: "Restart the kubelet, so that it registers again, or shut the machine down if \
                         it was to go.",
            },
        }
    }

    /// The explanation as lines of text.
    pub(crate) fn text(self) -> String {
        let Explanation {
            means,
            known_by,
            silent,
            remedy,
        } = self.explanation();
        let mut text = format!("{}\n\n{means}\n\nKnown by: {known_by}\n", self.name());
        if !silent.is_empty() {
            text += &format!("\nNot told: {silent}\n");
        }
        text + &format!("\nTo do:    {remedy}\n")
    }
}
