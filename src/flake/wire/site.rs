//! Where in a flake a package can be added without touching anything else.

use rnix::Root;
use rnix::ast::{self, BinOpKind, HasEntry as _};

use super::super::outputs::Parameters;
use super::super::sets::plain_name;
use super::shape::{Defined, bare, body, called, defines, path, system_of, value_of};

/// A set to add to.
pub(super) struct Site {
    pub(super) set: ast::AttrSet,
    pub(super) binding: Binding,
    /// Whether `default` is taken, or may be.
    pub(super) has_default: bool,
    /// Whether there are packages already beside which the new one stands.
    pub(super) has_packages: bool,
    /// Whether the set has no shell for `nix develop`, and nothing beside it that may have one.
    pub(super) takes_shell: bool,
}

/// What to add.
pub(super) enum Binding {
    /// One package; `system` is the expression of the system there.
    PerSystem { prefix: String, system: String },
    /// One package for each system, by paths that begin with `packages`.
    EachSystem,
    /// A function for every system, in a module of flake-parts that has none.
    Module,
}

/// What the outputs of a flake take.
#[derive(Clone, Copy)]
pub(super) enum Takes<'p> {
    /// These inputs.
    These(&'p Parameters),
    /// All inputs: they are a function that is not written here.
    Whatever,
    /// Nobody knows.
    Unknown,
}

type Found<T> = Result<T, &'static str>;

const COMPUTED: &str = "its outputs are computed in a way that is not known here";
const CHECKS: &str = "it has, or may have, checks of its own";
const PACKAGES: &str = "its `packages` are computed in a way that is not known here";

/// Finds the place in a flake's outputs.
pub(super) fn find(root: &Root) -> Found<Site> {
    let lambda = function(root).ok_or(COMPUTED)?;
    outputs_site(lambda.body().ok_or(COMPUTED)?)
}

/// What the outputs take; `parameters` are those of the function, if it is written here.
pub(super) fn takes<'p>(root: &Root, parameters: &'p Parameters) -> Takes<'p> {
    if function(root).is_some() { Takes::These(parameters) } else { Takes::Whatever }
}

fn function(root: &Root) -> Option<ast::Lambda> {
    let ast::Expr::AttrSet(top) = bare(root.expr()?) else { return None };
    match bare(value_of(&top, "outputs")?) {
        ast::Expr::Lambda(lambda) => Some(lambda),
        _ => None,
    }
}

fn outputs_site(expression: ast::Expr) -> Found<Site> {
    match body(expression) {
        ast::Expr::AttrSet(set) => in_outputs(set),
        ast::Expr::Apply(apply) => in_call(&apply),
        ast::Expr::BinOp(operation) if operation.operator() == Some(BinOpKind::Update) => {
            let (left, right) = (operation.lhs(), operation.rhs());
            let (left, right) = (left.ok_or(COMPUTED)?, right.ok_or(COMPUTED)?);
            // The right side wins: only there is an attribute sure to be seen. The left side may
            // take it if the right one is a set that has no packages.
            let ast::Expr::AttrSet(set) = body(right.clone()) else {
                return in_right(left, right);
            };
            if defines(&set, "packages") != Defined::No {
                // A shell here would hide those of the left side.
                return Ok(Site { takes_shell: false, ..in_outputs(set)? });
            }
            outputs_site(left)
        }
        _ => Err(COMPUTED),
    }
}

/// A call on the right side of `//`, which wins: what it gains must hide nothing of the left side.
fn in_right(left: ast::Expr, right: ast::Expr) -> Found<Site> {
    let site = outputs_site(right)?;
    let free = |name: &str| match body(left.clone()) {
        ast::Expr::AttrSet(set) => defines(&set, name) == Defined::No,
        _ => false,
    };
    if !site.has_packages && !free("packages") {
        return Err(COMPUTED);
    }
    let takes_shell = site.takes_shell && free("devShells") && free("devShell");
    Ok(Site { takes_shell, ..site })
}

/// A literal set of outputs: `packages.<system>.<name>`.
fn in_outputs(set: ast::AttrSet) -> Found<Site> {
    match defines(&set, "packages") {
        Defined::Maybe => return Err(PACKAGES),
        Defined::No | Defined::Paths => {}
        Defined::Value(value) => match body(value) {
            ast::Expr::AttrSet(packages) => return in_packages(set, &packages),
            ast::Expr::Apply(apply) => return spread(&apply),
            _ => return Err(PACKAGES),
        },
    }
    let has_default = match literal_systems(&set) {
        Systems::Names(has_default) => has_default,
        Systems::One(site) => return Ok(*site),
        Systems::Computed => return Err(PACKAGES),
    };
    let takes_shell = takes_shell(&set);
    let has_packages = defines(&set, "packages") != Defined::No;
    Ok(Site { set, binding: Binding::EachSystem, has_default, has_packages, takes_shell })
}

/// `packages = { x86_64-linux = { ... }; };`: further paths may join if all below is literal.
fn in_packages(outputs: ast::AttrSet, packages: &ast::AttrSet) -> Found<Site> {
    let mut has_default = packages.inherits().next().is_some();
    for binding in packages.attrpath_values() {
        let names = path(&binding).ok_or(PACKAGES)?;
        match (names.len(), binding.value().map(bare)) {
            (1, Some(ast::Expr::AttrSet(set))) => has_default |= takes_default(&set),
            (1, _) => return Err(PACKAGES),
            _ => has_default |= names.get(1).is_some_and(|name| name == "default"),
        }
    }
    if packages.inherits().next().is_some() {
        return Err(PACKAGES);
    }
    let takes_shell = takes_shell(&outputs);
    let binding = Binding::EachSystem;
    Ok(Site { set: outputs, binding, has_default, has_packages: true, takes_shell })
}

enum Systems {
    /// All systems are plain names; whether `default` is taken in any.
    Names(bool),
    /// `packages.${system} = { ... };`
    One(Box<Site>),
    Computed,
}

/// Looks at `packages.<system>...` paths of a set of outputs.
fn literal_systems(set: &ast::AttrSet) -> Systems {
    let mut has_default = false;
    for binding in set.attrpath_values() {
        let Some(attrs) = binding.attrpath().map(|path| path.attrs().collect::<Vec<_>>()) else {
            continue;
        };
        if attrs.first().and_then(plain_name).as_deref() != Some("packages") {
            continue;
        }
        let value = binding.value().map(bare);
        match (attrs.get(1), attrs.get(2)) {
            (Some(ast::Attr::Dynamic(dynamic)), None) => {
                return match (dynamic.expr(), value) {
                    (Some(system), Some(ast::Expr::AttrSet(set))) => {
                        let has_default = takes_default(&set);
                        let (prefix, system) = (String::new(), system.to_string());
                        let binding = Binding::PerSystem { prefix, system };
                        Systems::One(Box::new(Site {
                            set,
                            binding,
                            has_default,
                            has_packages: true,
                            takes_shell: false,
                        }))
                    }
                    _ => Systems::Computed,
                };
            }
            (Some(system), None) if plain_name(system).is_some() => match value {
                Some(ast::Expr::AttrSet(set)) => has_default |= takes_default(&set),
                _ => return Systems::Computed,
            },
            (Some(system), Some(name)) if plain_name(system).is_some() => {
                has_default |= plain_name(name).is_none_or(|name| name == "default");
            }
            _ => return Systems::Computed,
        }
    }
    Systems::Names(has_default)
}

/// Where a call that everybody knows takes what a flake gives for one system.
enum Part {
    /// A set that the call spreads over systems, or that a module of flake-parts gives for each.
    Set {
        set: ast::AttrSet,
        system: String,
        /// Whether other modules may define the same.
        imports: bool,
    },
    /// A module of flake-parts that gives nothing for each system.
    Module(ast::AttrSet),
}

/// The part of a call that spreads a function's result over systems.
fn part_of(apply: &ast::Apply) -> Found<Part> {
    let (name, given) = called(apply).ok_or(COMPUTED)?;
    let argument = apply.argument().map(bare).ok_or(COMPUTED)?;
    let set_of = |lambda: &ast::Lambda| match body(lambda.body().ok_or(COMPUTED)?) {
        ast::Expr::AttrSet(set) => Ok(set),
        _ => Err(COMPUTED),
    };
    match (name.as_str(), given) {
        ("eachDefaultSystem", 1) | ("eachSystem", 2) => {
            let ast::Expr::Lambda(lambda) = argument else { return Err(COMPUTED) };
            let system = system_of(&lambda).ok_or(COMPUTED)?;
            Ok(Part::Set { set: set_of(&lambda)?, system, imports: false })
        }
        ("mkFlake", 2) => {
            let module = match argument {
                ast::Expr::Lambda(lambda) => body(lambda.body().ok_or(COMPUTED)?),
                other => other,
            };
            let ast::Expr::AttrSet(module) = module else { return Err(COMPUTED) };
            if defines(&module, "perSystem") == Defined::No {
                return Ok(Part::Module(module));
            }
            let part = value_of(&module, "perSystem").map(bare).ok_or(COMPUTED)?;
            let ast::Expr::Lambda(lambda) = part else { return Err(COMPUTED) };
            let system =
                system_of(&lambda).ok_or("its `perSystem` does not take `system` or `pkgs`")?;
            Ok(Part::Set { set: set_of(&lambda)?, system, imports: imports(&module) })
        }
        _ => Err(COMPUTED),
    }
}

/// A call that spreads a function's result over systems.
fn in_call(apply: &ast::Apply) -> Found<Site> {
    match part_of(apply)? {
        Part::Module(set) => {
            // Modules are merged: others may define packages, too, but for one name once.
            let has_default = imports(&set) || defines(&set, "flake") != Defined::No;
            let (binding, has_packages, takes_shell) = (Binding::Module, true, false);
            Ok(Site { set, binding, has_default, has_packages, takes_shell })
        }
        Part::Set { set, system, imports } => {
            let mut site = per_system(set, system)?;
            if imports {
                // An imported module may define them, too, and two definitions are an error.
                site.has_default = true;
                site.takes_shell = false;
            }
            Ok(site)
        }
    }
}

/// The set where the output `checks` can be bound, which nothing binds yet.
pub(super) fn find_checks(root: &Root) -> Found<(ast::AttrSet, Binding)> {
    let lambda = function(root).ok_or(COMPUTED)?;
    place_of_checks(lambda.body().ok_or(COMPUTED)?)
}

fn place_of_checks(expression: ast::Expr) -> Found<(ast::AttrSet, Binding)> {
    let free = |set: &ast::AttrSet| match defines(set, "checks") {
        Defined::No => Ok(()),
        _ => Err(CHECKS),
    };
    match body(expression) {
        ast::Expr::AttrSet(set) => free(&set).map(|()| (set, Binding::EachSystem)),
        ast::Expr::Apply(apply) => match part_of(&apply)? {
            Part::Module(set) => Ok((set, Binding::Module)),
            Part::Set { set, system, .. } => {
                free(&set)?;
                Ok((set, Binding::PerSystem { prefix: String::new(), system }))
            }
        },
        ast::Expr::BinOp(operation) if operation.operator() == Some(BinOpKind::Update) => {
            let (left, right) = (operation.lhs(), operation.rhs());
            let (left, right) = (left.ok_or(COMPUTED)?, right.ok_or(COMPUTED)?);
            // What is added on one side may hide nothing, and be hidden by nothing, of the other.
            match (body(left.clone()), body(right.clone())) {
                (_, ast::Expr::AttrSet(set)) => {
                    free(&set)?;
                    place_of_checks(left)
                }
                (ast::Expr::AttrSet(set), _) => {
                    free(&set)?;
                    place_of_checks(right)
                }
                _ => Err(COMPUTED),
            }
        }
        _ => Err(COMPUTED),
    }
}

/// `packages = forAllSystems (system: { ... });`
fn spread(apply: &ast::Apply) -> Found<Site> {
    let ast::Expr::Lambda(lambda) = apply.argument().map(bare).ok_or(PACKAGES)? else {
        return Err(PACKAGES);
    };
    let system = system_of(&lambda).ok_or(PACKAGES)?;
    let (set, alone) = joined(lambda.body().ok_or(PACKAGES)?).ok_or(PACKAGES)?;
    let has_default = !alone || takes_default(&set);
    let binding = Binding::PerSystem { prefix: String::new(), system };
    Ok(Site { set, binding, has_default, has_packages: true, takes_shell: false })
}

/// A set with `packages.<name>` for one system.
fn per_system(set: ast::AttrSet, system: String) -> Found<Site> {
    let mut takes_shell = takes_shell(&set);
    let has_packages = defines(&set, "packages") != Defined::No;
    let (set, prefix, has_default) = match defines(&set, "packages") {
        Defined::No => (set, "packages.", false),
        Defined::Paths => {
            let has_default = set.attrpath_values().filter_map(|binding| path(&binding)).any(
                |names| matches!(&names[..], [first, name, ..] if first == "packages" && name == "default"),
            );
            (set, "packages.", has_default)
        }
        Defined::Value(value) => {
            let (packages, alone) = joined(value).ok_or(PACKAGES)?;
            let has_default = !alone || takes_default(&packages);
            takes_shell = false;
            (packages, "", has_default)
        }
        Defined::Maybe => return Err(PACKAGES),
    };
    let binding = Binding::PerSystem { prefix: prefix.to_owned(), system };
    Ok(Site { set, binding, has_default, has_packages, takes_shell })
}

/// A set among packages to which one more can be added, and whether it is all of them. Of sets that
/// are joined by `//` the last one that is written out: what is added there is hidden by nothing but
/// a package of the same name. What the others have, `default` for one, nobody knows.
fn joined(packages: ast::Expr) -> Option<(ast::AttrSet, bool)> {
    match body(packages) {
        ast::Expr::AttrSet(set) => Some((set, true)),
        ast::Expr::BinOp(operation) if operation.operator() == Some(BinOpKind::Update) => {
            let sides = [operation.rhs(), operation.lhs()];
            let found = sides.into_iter().flatten().find_map(joined);
            found.map(|(set, _)| (set, false))
        }
        _ => None,
    }
}

fn takes_default(set: &ast::AttrSet) -> bool {
    defines(set, "default") != Defined::No
}

fn takes_shell(set: &ast::AttrSet) -> bool {
    ["devShells", "devShell"].iter().all(|name| defines(set, name) == Defined::No)
}

/// Whether a module of flake-parts has other modules.
fn imports(module: &ast::AttrSet) -> bool {
    match defines(module, "imports") {
        Defined::No => false,
        Defined::Value(ast::Expr::List(list)) => list.items().next().is_some(),
        _ => true,
    }
}
