//! The effective values as a flat list, for showing them.

use toml::Value;

use super::build::PackageSelection;
use super::entry::{Entry, List};
use super::overrides::Override;
use super::raw_value::dotted;
use super::resolve::Config;
use super::sccache::is_secret;
use super::toolchain::Toolchain;

impl Config {
    /// Every effective value, in the order of the reference page. Values that may be secret are
    /// hidden; directories of an installation are there if any was set.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        let mut list = List { entries: Vec::new(), section: String::new(), index: None };
        self.build_entries(&mut list);
        self.toolchain_entries(&mut list);
        list.section("sccache");
        list.flag("enable", &self.sccache.enable);
        list.text("socket", &self.sccache.socket);
        list.text("directory", &self.sccache.directory);
        list.flag("write", &self.sccache.write);
        list.text("size", &self.sccache.size);
        for (name, setting) in &self.sccache.storage {
            let hidden = is_secret(name.as_str(), &setting.value);
            let shown = if hidden { "(hidden)" } else { &setting.value };
            list.push(
                &format!("storage.{name}"),
                Some(Value::String(shown.to_owned())),
                &setting.origin,
            );
        }
        list.section("env");
        list.env("", &self.env);
        self.override_entries(&mut list);
        self.check_entries(&mut list);
        self.audit_entries(&mut list);
        list.section("nix");
        list.text("output", &self.nix.output.clone().map(|path| path.as_path().to_owned()));
        list.text(
            "toolchain-file",
            &self.nix.toolchain_file.clone().map(|path| path.as_path().to_owned()),
        );
        list.text("root", &self.nix.root.clone().map(|path| path.as_path().to_owned()));
        for (name, setting) in &self.nix.inputs {
            let key = dotted(&["inputs".to_owned(), name.to_string()]);
            list.text(&key, &setting.clone().map(|reference| reference.as_str().to_owned()));
        }
        self.target_entries(&mut list);
        self.install_entries(&mut list);
        list.entries
    }

    fn build_entries(&self, list: &mut List) {
        let build = &self.build;
        list.section("build");
        list.texts("targets", &build.targets, ToString::to_string);
        list.texts("systems", &build.systems, ToString::to_string);
        list.text("profile", &build.profile);
        let origin = &build.packages.origin;
        match &build.packages.value {
            PackageSelection::Default => list.push("packages", None, origin),
            PackageSelection::Workspace => {
                list.push("workspace", Some(Value::Boolean(true)), origin)
            }
            PackageSelection::Packages(packages) => {
                let names = packages.iter().map(|spec| Value::String(spec.to_string())).collect();
                list.push("packages", Some(Value::Array(names)), origin);
            }
        }
        list.texts("features", &build.features, ToString::to_string);
        list.flag("all-features", &build.all_features);
        list.flag("no-default-features", &build.no_default_features);
        list.texts("rustflags", &build.rustflags, Clone::clone);
        list.text("split", &build.split);
    }

    fn toolchain_entries(&self, list: &mut List) {
        list.section("toolchain");
        list.text("provider", &self.toolchain.clone().map(|toolchain| toolchain.provider()));
        match &self.toolchain.value {
            Toolchain::Host => {}
            Toolchain::Nixpkgs { input } => list.text("input", input),
            Toolchain::Input { input, channel, version, components } => {
                list.text("input", input);
                list.text("channel", channel);
                list.text("version", version);
                list.texts("components", components, ToString::to_string);
            }
            Toolchain::Store { rustc, cargo } => {
                list.text("rustc", rustc);
                match cargo {
                    Some(cargo) => list.text("cargo", cargo),
                    None => list.unset("cargo"),
                }
            }
        }
    }

    fn override_entries(&self, list: &mut List) {
        for (at, one) in self.overrides.iter().enumerate() {
            let same = |other: &&Override| other.package == one.package;
            list.section(dotted(&["override".to_owned(), one.package.to_string()]));
            if self.overrides.iter().filter(same).count() > 1 {
                list.index = Some(self.overrides[..at].iter().filter(same).count());
            }
            one.entries(list);
        }
    }

    fn target_entries(&self, list: &mut List) {
        for (triple, tools) in &self.target {
            list.section(dotted(&["target".to_owned(), triple.to_string()]));
            for (name, program) in [
                ("linker", &tools.linker),
                ("cc", &tools.cc),
                ("ar", &tools.ar),
                ("pkg-config", &tools.pkg_config),
            ] {
                match program {
                    Some(program) => list.text(name, program),
                    None => list.unset(name),
                }
            }
            match &tools.runner {
                Some(runner) => list.texts("runner", runner, Clone::clone),
                None => list.unset("runner"),
            }
            list.texts("rustflags", &tools.rustflags, Clone::clone);
        }
    }

    /// Those that are set: a plan that only builds knows none of them.
    fn check_entries(&self, list: &mut List) {
        let checks = &self.checks;
        list.section("checks");
        if let Some(plans) = &checks.plans {
            list.texts("plans", plans, ToString::to_string);
        }
        if let Some(skip) = &checks.skip {
            list.texts("skip", skip, Clone::clone);
        }
        for (name, number) in [("retries", &checks.retries), ("timeout", &checks.timeout)] {
            if let Some(number) = number {
                list.push(name, Some(Value::Integer(number.value.into())), &number.origin);
            }
        }
        if let Some(size) = &checks.output {
            list.text("output", size);
        }
        if let Some(split) = &checks.split {
            list.text("split", split);
        }
        for (name, number) in &checks.partitions {
            let key = dotted(&["partitions".to_owned(), name.clone()]);
            list.push(&key, Some(Value::Integer(number.value.into())), &number.origin);
        }
        if let Some(directory) = &checks.llvm_tools {
            list.text("llvm-tools", directory);
        }
        if let Some(files) = &checks.files {
            list.texts("files", files, |file| file.as_path().to_string());
        }
    }

    fn audit_entries(&self, list: &mut List) {
        let audit = &self.audit;
        list.section("audit");
        if let Some(database) = &audit.database {
            list.text("database", database);
        }
        if let Some(licenses) = &audit.licenses {
            list.texts("licenses", licenses, Clone::clone);
        }
        for (name, reason) in &audit.ignore {
            list.text(&dotted(&["ignore".to_owned(), name.clone()]), reason);
        }
    }

    fn install_entries(&self, list: &mut List) {
        let install = &self.install;
        let all = [
            ("prefix", &install.prefix),
            ("bindir", &install.bindir),
            ("libdir", &install.libdir),
            ("datadir", &install.datadir),
            ("mandir", &install.mandir),
            ("docdir", &install.docdir),
            ("sysconfdir", &install.sysconfdir),
        ];
        if all.iter().any(|(_, setting)| setting.is_set()) {
            list.section("install");
            for (name, setting) in all {
                list.text(name, setting);
            }
        }
    }
}
