//! How kubectl finds a cluster.

/// The text of a KUBECONFIG file for the server at `url`, with `namespace` as the default. No
/// credentials: the sandbox asks for none.
pub fn kubeconfig(url: &str, namespace: &str) -> String {
    format!(
        "apiVersion: v1
kind: Config
clusters:
- name: sandbox
  cluster:
    server: {url}
contexts:
- name: sandbox
  context:
    cluster: sandbox
    namespace: {namespace}
    user: sandbox
current-context: sandbox
users:
- name: sandbox
  user: {{}}
"
    )
}
