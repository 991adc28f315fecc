//! The reader of plain data, against rnix.

use proptest::prelude::*;
use rbn_plan::nix::data::{self, Attrs, Data};
use rbn_plan::nix::escape;
use rnix::ast::{self, HasEntry as _, InterpolPart};

use super::workspace::{SMALL, Workspace};

/// A value as rnix reads it.
fn by_rnix(expr: ast::Expr) -> Data {
    match expr {
        ast::Expr::Str(text) => Data::Text(of_str(&text)),
        ast::Expr::Literal(literal) => Data::Number(literal.to_string().parse().unwrap()),
        ast::Expr::Ident(ident) => match ident.to_string().as_str() {
            "true" => Data::Truth(true),
            "false" => Data::Truth(false),
            word => Data::Word(word.to_owned(), Vec::new()),
        },
        ast::Expr::List(list) => Data::List(list.items().map(by_rnix).collect()),
        ast::Expr::AttrSet(set) => {
            let mut attrs = Attrs::new();
            for (name, below, value) in set.attrpath_values().map(entry) {
                match below {
                    None => _ = attrs.insert(name, value),
                    Some(below) => match attrs.entry(name).or_insert(Data::Attrs(Attrs::new())) {
                        Data::Attrs(set) => _ = set.insert(below, value),
                        other => panic!("{other:?}"),
                    },
                }
            }
            Data::Attrs(attrs)
        }
        ast::Expr::Paren(paren) => by_rnix(paren.expr().unwrap()),
        ast::Expr::BinOp(op) => {
            Data::Update(Box::new(by_rnix(op.lhs().unwrap())), Box::new(by_rnix(op.rhs().unwrap())))
        }
        ast::Expr::Apply(apply) => {
            let Data::Word(word, mut args) = by_rnix(apply.lambda().unwrap()) else { panic!() };
            args.push(by_rnix(apply.argument().unwrap()));
            Data::Word(word, args)
        }
        ast::Expr::Select(select) => by_rnix(select.default_expr().unwrap()),
        other => panic!("{other}"),
    }
}

fn of_str(text: &ast::Str) -> String {
    let parts = text.normalized_parts();
    let part = |part| match part {
        InterpolPart::Literal(text) => text,
        InterpolPart::Interpolation(_) => panic!("no interpolation in data"),
    };
    parts.into_iter().map(part).collect()
}

/// `name = value` or `name.below = value`.
fn entry(entry: ast::AttrpathValue) -> (String, Option<String>, Data) {
    let mut names = entry.attrpath().unwrap().attrs().map(|attr| match attr {
        ast::Attr::Ident(ident) => ident.to_string(),
        ast::Attr::Str(text) => of_str(&text),
        other => panic!("{other:?}"),
    });
    let (name, below) = (names.next().unwrap(), names.next());
    assert_eq!(names.next(), None);
    (name, below, by_rnix(entry.value().unwrap()))
}

#[test]
fn a_whole_plan_reads_the_same() {
    let workspace = Workspace::new(SMALL);
    let plan = workspace.says(0, &[]);
    let start = plan.find("\nlet\n").unwrap() + 5;
    let facts = &plan[start..plan.find("  # --- The library").unwrap()];
    let ours = data::bindings(facts).unwrap();
    let root = rnix::Root::parse(&format!("{{{facts}}}")).ok().unwrap();
    assert_eq!(Data::Attrs(ours), by_rnix(root.expr().unwrap()));
}

proptest! {
    #[test]
    fn every_text_comes_back(text in any::<String>()) {
        let written = format!("a = {};", escape::string(&text));
        // A bare carriage return is Nix's own line end; it is always written as an escape.
        let read = data::bindings(&written).unwrap();
        prop_assert_eq!(&read["a"], &Data::Text(text));
    }

    #[test]
    fn every_indented_text_comes_back(lines in prop::collection::vec("[a '${}\\\\\"]{0,12}x", 1..4)) {
        // What all lines begin with is no part of such a string: the first one begins with no space.
        let text: String = format!("#\n{}\n", lines.join("\n"));
        let root = rnix::Root::parse(&escape::indented(&text, 4)).ok().unwrap();
        let Some(ast::Expr::Str(string)) = root.expr() else { panic!("{root:?}") };
        let parts = string.normalized_parts();
        let [InterpolPart::Literal(read)] = &parts[..] else { panic!("{parts:?}") };
        prop_assert_eq!(read, &text);
    }

    #[test]
    fn any_text_is_survived(text in "[a-z{}\\[\\]()=;/\"$\\\\ \n#0-9.]{0,80}") {
        let _ = data::bindings(&text);
    }
}
