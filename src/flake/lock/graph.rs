//! A lock file whose every reference leads somewhere.

use indexmap::IndexMap;
use serde::Serialize;

use super::super::error::{Failure, Problem, ProblemKind};
use super::super::span::Span;
use super::schema::{InputTarget, LockFile, LockNode, LockVersion};

/// The version that is read.
const VERSION: u64 = 7;

/// `follows` that lead to `follows`, at most this many.
const CHAIN_LIMIT: usize = 200;

/// The key of a node that is in the lock.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct NodeId(String);

impl NodeId {
    /// The key as it stands in the file.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A lock file in which every input leads to a node.
#[derive(Debug, Clone)]
pub struct Lock {
    nodes: IndexMap<String, LockNode>,
    root: NodeId,
    resolved: Resolved,
}

/// Which node each input of each node means.
type Resolved = IndexMap<(NodeId, String), NodeId>;

impl Lock {
    /// Reads the text of a flake.lock; `file` is its name in messages.
    pub fn read(text: &str, file: &str) -> Result<Self, Failure> {
        let fail = |problems| Failure::new(file, text, problems);
        let broken = |error: serde_json::Error| fail(vec![json_problem(text, &error)]);
        // The version is looked at alone first: other versions may have other fields.
        let LockVersion { version } = serde_json::from_str(text).map_err(broken)?;
        if version != VERSION {
            let span = find(text, "\"version\"");
            return Err(fail(vec![Problem::new(span, ProblemKind::LockVersion(version))]));
        }
        let LockFile { nodes, root } = serde_json::from_str(text).map_err(broken)?;
        let mut lock = Self { nodes, root: NodeId(root), resolved: IndexMap::new() };
        let problems = lock.resolve_all(text);
        if problems.is_empty() { Ok(lock) } else { Err(fail(problems)) }
    }

    /// The node of the flake that the lock belongs to.
    pub fn root(&self) -> &NodeId {
        &self.root
    }

    /// A node's facts.
    pub fn node(&self, id: &NodeId) -> Option<&LockNode> {
        self.nodes.get(id.as_str())
    }

    /// All nodes in the order of the file.
    pub fn nodes(&self) -> impl Iterator<Item = (&str, &LockNode)> {
        self.nodes.iter().map(|(id, node)| (id.as_str(), node))
    }

    /// The node that an input of a node means, `follows` resolved.
    pub fn input(&self, of: &NodeId, name: &str) -> Option<&NodeId> {
        self.resolved.get(&(of.clone(), name.to_owned()))
    }

    /// The node that an input of the node with the key `id` means, `follows` resolved.
    pub fn input_of(&self, id: &str, name: &str) -> Option<&NodeId> {
        self.input(&NodeId(id.to_owned()), name)
    }

    /// The node that the root's input `name` means.
    pub fn root_input(&self, name: &str) -> Option<&LockNode> {
        self.node(self.input(&self.root, name)?)
    }

    fn resolve_all(&mut self, text: &str) -> Vec<Problem> {
        let mut problems = Vec::new();
        if !self.nodes.contains_key(self.root.as_str()) {
            let node = self.root.0.clone();
            let kind = ProblemKind::LockMissingNode { node, wanted_by: "`root`".to_owned() };
            return vec![Problem::new(find(text, "\"root\""), kind)];
        }
        let mut resolved = Resolved::new();
        for (id, node) in &self.nodes {
            for name in node.inputs.keys() {
                match self.target(id, name, &mut Vec::new(), &mut resolved) {
                    Ok(_) => {}
                    Err(kind) => {
                        let problem = Problem::new(find(text, &format!("\"{id}\"")), kind);
                        if !problems.iter().any(|known| same_cycle(known, &problem)) {
                            problems.push(problem);
                        }
                    }
                }
            }
        }
        self.resolved = resolved;
        problems
    }

    /// Follows one input to its node. `walked` are the inputs on the way, to notice a circle.
    fn target(
        &self,
        node: &str,
        input: &str,
        walked: &mut Vec<String>,
        resolved: &mut Resolved,
    ) -> Result<NodeId, ProblemKind> {
        let key = (NodeId(node.to_owned()), input.to_owned());
        if let Some(known) = resolved.get(&key) {
            return Ok(known.clone());
        }
        let name =
            if node == self.root.as_str() { input.to_owned() } else { format!("{node}/{input}") };
        if let Some(start) = walked.iter().position(|known| *known == name) {
            let mut circle = walked.split_off(start);
            circle.push(name);
            return Err(ProblemKind::FollowsCycle(circle));
        }
        if walked.len() > CHAIN_LIMIT {
            return Err(ProblemKind::TooDeep { limit: CHAIN_LIMIT });
        }
        let missing = |node: &str, wanted_by: String| {
            let node = node.to_owned();
            ProblemKind::LockMissingNode { node, wanted_by }
        };
        let facts = self.nodes.get(node).ok_or_else(|| missing(node, format!("`{name}`")))?;
        let found = match facts.inputs.get(input) {
            Some(InputTarget::Node(target)) if self.nodes.contains_key(target) => {
                NodeId(target.clone())
            }
            Some(InputTarget::Node(target)) => {
                return Err(missing(target, format!("input `{name}`")));
            }
            Some(InputTarget::Follows(path)) => {
                walked.push(name.clone());
                let mut at = self.root.clone();
                for part in path {
                    let known = self.nodes.get(at.as_str());
                    if !known.is_some_and(|known| known.inputs.contains_key(part)) {
                        return Err(ProblemKind::LockFollowsMissing {
                            input: name,
                            target: path.join("/"),
                            node: at.0,
                            part: part.clone(),
                        });
                    }
                    at = self.target(at.as_str(), part, walked, resolved)?;
                }
                walked.pop();
                at
            }
            None => {
                return Err(ProblemKind::LockFollowsMissing {
                    input: name.clone(),
                    target: name,
                    node: node.to_owned(),
                    part: input.to_owned(),
                });
            }
        };
        resolved.insert(key, found.clone());
        Ok(found)
    }
}

/// Whether two problems name the same circle, begun at different inputs.
fn same_cycle(left: &Problem, right: &Problem) -> bool {
    match (&left.kind, &right.kind) {
        (ProblemKind::FollowsCycle(left), ProblemKind::FollowsCycle(right)) => {
            right.iter().all(|name| left.contains(name))
        }
        _ => false,
    }
}

fn json_problem(text: &str, error: &serde_json::Error) -> Problem {
    let line_start: usize =
        text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let mut at = (line_start + error.column().saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or(&message).to_owned();
    Problem::new(Span::new(at, at), ProblemKind::LockSyntax(message))
}

fn find(text: &str, key: &str) -> Span {
    let start = text.find(key).unwrap_or(0);
    Span::new(start, (start + key.len()).min(text.len()))
}
