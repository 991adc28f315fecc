#!/usr/bin/env bash
# A project adopts rbn-plan: `init`, a plan, and Nix builds its flake. nixpkgs and rust-overlay are
# the stand-ins of tests/fixtures/stand-in, put in by --override-input: nothing is downloaded.
set -euo pipefail
WORDS=("$@")
. "$(dirname "$0")/lib.sh"

# project NAME: a fresh copy of the project in a Git repository of its own.
project() {
    place=$TEMPORARY/$1
    cp -a "$ROOT/tests/fixtures/adopt/project" "$place"
    cd "$place"
    git init --quiet
    # Some versions of Nix want a commit to speak of.
    git -c user.name=test -c user.email=test@localhost commit --quiet --allow-empty -m start
}

# The commands that `init` names, one after another.
adopt() {
    "$RBN_PLAN" init
    "$RBN_PLAN" --locked --offline -o generated/steps.nix
    git add -A
}

# nix COMMAND with the stand-ins for the inputs that the flake has.
nix_with() {
    local inputs=(--override-input nixpkgs "path:$TEMPORARY/stand-in/nixpkgs") command=("$1")
    shift
    if [ "${command[0]}" = flake ]; then command+=("$1"); shift; fi
    local name
    for name in rust-overlay fenix; do
        grep -q "inputs.*$name\|$name = {" flake.nix || continue
        inputs+=(--override-input "$name" "path:$TEMPORARY/stand-in/$name"
            --override-input "$name/nixpkgs" "path:$TEMPORARY/stand-in/nixpkgs")
    done
    nix "${command[@]}" --no-write-lock-file "${inputs[@]}" "$@"
}

built() {
    nix_with build --out-link result
    ./result/bin/app | tee printed
    grep -qx 'the answer is 42' printed
}

new_flake() {
    project new
    "$RBN_PLAN" init
    printf '\n[env]\nGREETING = "it'"'"'s"\nHOME = "/build/home"\n' >>config.toml
    adopt
    built
    nix_with flake check
    nix_with develop -c rustc --version | grep '^rustc '
    # The shell has the variables of the steps, but no home that only a sandbox has.
    nix_with develop -c sh -c 'echo "$GREETING at $HOME"' | grep -qxF "it's at $HOME"
    # Nothing is left to do, and nothing is changed.
    git add -A
    local before
    before=$(git write-tree)
    "$RBN_PLAN" init 2>&1 | tee said
    grep -qx 'nothing to do' said
    rm said
    git add -A
    [ "$before" = "$(git write-tree)" ]
}

existing_flake() {
    project existing
    cat >flake.nix <<'FLAKE'
{
  # A flake of somebody, with a layout of its own.
  inputs = { nixpkgs = { url = "github:NixOS/nixpkgs/nixos-24.05"; }; };

  outputs = { self, nixpkgs, ... }@inputs:
    let
      forAll = nixpkgs.lib.genAttrs [ "x86_64-linux" "aarch64-linux" ];
    in {
      packages = forAll (system: {
        tool = nixpkgs.legacyPackages.${system}.gnused;   # stays
      });
    };
}
FLAKE
    cp flake.nix before.nix
    adopt
    built
    # What was there is there, byte for byte and by its value.
    [ -z "$(diff before.nix flake.nix | grep '^<')" ]
    local tool
    tool=$(nix_with eval --raw ".#packages.$SYSTEM.tool.name")
    [ "$tool" = gnused ]
}

other_compiler() {
    project overlay
    printf '[toolchain]\ninput = "rust-overlay"\nversion = "1.95.0"\n' >config.toml
    adopt
    built
    nix_with eval --raw .#packages.$SYSTEM.default.tools.facts.of.rustc | grep -q 'rust-default-1.95.0/bin/rustc$'
    # The same of fenix, with a standard library for another target and a shell.
    project fenix
    printf '[toolchain]\ninput = "fenix"\n\n[build]\ntargets = ["%s", "%s"]\n' \
        x86_64-unknown-linux-gnu aarch64-unknown-linux-gnu >config.toml
    adopt
    grep -q 'inputs.fenix.url = "github:nix-community/fenix";' flake.nix
    nix_with eval --raw .#packages.$SYSTEM.default.tools.facts.of.rustc | grep -q 'rust-mixed/bin/rustc$'
    nix_with develop -c rustc --version | grep '^rustc '
}

# `init` in a project with each flake.nix of the corpus: Nix evaluates what it did, and ours is the
# plan's own derivation, as are the checks. Where the flake is not edited, the snippet does that, pasted as it says.
corpus() {
    project corpus
    "$RBN_PLAN" init --checks
    "$RBN_PLAN" --locked --offline -o generated/steps.nix
    cp "$TEMPORARY/stand-in/nixpkgs/host.nix" generated/toolchain.nix
    rm config.toml flake.nix .gitignore
    local shape name edited
    echo '{' >"$TEMPORARY/corpus.nix"
    for shape in "$ROOT"/tests/fixtures/flake/shapes/*.nix; do
        name=$(basename "$shape" .nix)
        cp -R "$place" "$TEMPORARY/corpus-$name"
        cd "$TEMPORARY/corpus-$name"
        cp "$shape" flake.nix
        cp "$shape" before.nix
        # What the outputs of some are.
        echo 'inputs: { packages.x86_64-linux.hello = inputs.nixpkgs.legacyPackages.x86_64-linux.hello; }' >outputs.nix
        if ! "$RBN_PLAN" init --checks >snippet; then
            # Nix refuses these, too. Nothing is touched.
            case $name in errors-* | rec | unicode) ;; *) echo "$name is refused"; return 1 ;; esac
            cmp "$shape" flake.nix
            [ ! -e config.toml ]
            continue
        fi
        edited=true
        if cmp -s "$shape" flake.nix; then edited=false; fi
        if $edited; then
            # Where a flake has checks of its own, those of the plans are pasted behind them.
            if [ -s snippet ]; then head -n 1 snippet | grep -qx '# Put this behind what `checks` is for each `system`.'; fi
            cp flake.nix wired.nix
            "$RBN_PLAN" init 2>&1 | tee again
            if [ ! -s snippet ]; then grep -qx 'nothing to do' again; fi
            cmp flake.nix wired.nix
        else
            python3 "$ROOT/tests/fixtures/adopt/paste.py" flake.nix snippet >pasted.nix
        fi
        echo "  \"$name\" = { edited = $edited; before = ./corpus-$name/before.nix; place = \"$PWD\"; };" >>"$TEMPORARY/corpus.nix"
    done
    echo '}' >>"$TEMPORARY/corpus.nix"
    nix-instantiate --eval --strict --json "$ROOT/tests/fixtures/adopt/corpus.nix" \
        --argstr stand-in "$TEMPORARY/stand-in" --argstr corpus "$TEMPORARY/corpus.nix" \
        --argstr inputs "$ROOT/tests/fixtures/flake/inputs.nix" --argstr system "$SYSTEM" \
        | tee "$TEMPORARY/evaluated"
    grep -qE '"checked":(1[4-9]|[2-9][0-9]),"edited":(1[6-9]|[2-9][0-9]),"shells":([6-9]|[1-9][0-9]),"total":(2[0-9]|[3-9][0-9]),"wrong":\[\]' \
        "$TEMPORARY/evaluated"
}

# A compiler that config.toml names by its store path. The sandbox shows no other.
stored_compiler() {
    local sysroot stored
    sysroot=$(rustc --print sysroot)
    mkdir -p "$TEMPORARY/rustc/bin" "$TEMPORARY/rustc/lib/rustlib"
    cp "$sysroot"/bin/{rustc,rustdoc,cargo} "$TEMPORARY/rustc/bin"
    cp "$sysroot"/lib/*.so* "$TEMPORARY/rustc/lib"
    cp -R "$sysroot/lib/rustlib/$TARGET" "$TEMPORARY/rustc/lib/rustlib"
    stored=$(nix-store --add "$TEMPORARY/rustc")
    rm -rf "$TEMPORARY/rustc"
    cp -R "$ROOT/templates/project" "$TEMPORARY/stored"
    cd "$TEMPORARY/stored"
    printf '[toolchain]\nrustc = "%s"\ncargo = "%s/bin/cargo"\n' "$stored" "$stored" >config.toml
    cargo generate-lockfile --offline
    "$RBN_PLAN" toolchain host -o generated/toolchain.nix
    "$RBN_PLAN" --locked --offline -o generated/steps.nix
    nix build -f generated/steps.nix --option extra-sandbox-paths '/usr /lib /lib64' --out-link result
    ./result/bin/app | grep -qx 'built one step at a time'
    # The facts of its tools name the compiler: it is below the step.
    nix-store --query --requisites "$(nix-store --query --deriver "$(realpath result/bin/app | cut -d/ -f1-4)")" \
        | grep -qx "$stored"
}

# A day's work, for real: the input is a directory that changes.
daily() {
    project daily
    cp -R "$TEMPORARY/stand-in/nixpkgs" "$TEMPORARY/moving"
    printf '[toolchain]\nprovider = "nixpkgs"\n\n[nix.inputs]\nnixpkgs = "path:%s"\n' "$TEMPORARY/moving" >config.toml
    "$RBN_PLAN" init
    git add -A
    nix flake lock
    git add -A
    "$RBN_PLAN" --locked --offline -o generated/steps.nix
    git add -A
    "$RBN_PLAN" flake --check
    echo 'more' >"$TEMPORARY/moving/README"
    "$RBN_PLAN" flake update nixpkgs --locked --offline >changed
    cat changed
    grep -q '^  ~ toolchain  nixpkgs sha256-....... -> sha256-.......; [0-9]* steps$' changed
    [ -n "$(git diff --name-only flake.lock)" ]
    "$RBN_PLAN" check --offline
    "$RBN_PLAN" flake --check
    # A whole update with nothing new, and the shell.
    git add -A
    "$RBN_PLAN" flake update --locked --offline 2>&1 | tee said
    grep -qx 'generated/steps.nix is up to date' said
    "$RBN_PLAN" develop --locked --offline -- -c rustc --version 2>&1 | tee said
    grep -qx 'running: nix develop -c rustc --version' said
    grep -q '^rustc ' said
    local code=0
    "$RBN_PLAN" develop --locked --offline -- -c sh -c 'exit 9' || code=$?
    [ "$code" -eq 9 ]
}

dry_run() {
    project dry
    git add -A
    "$RBN_PLAN" init --dry-run >diff
    grep -q '^+++ b/flake.nix' diff
    rm diff
    [ -z "$(git status --porcelain | grep -v '^A ')" ]
}

# The checks that config.toml plans are those of the flake: they pass, and a test that fails is shown. An edit of
# a package runs its own checks again, and no others.
planned_checks() {
    project checked
    local tests='#[cfg(test)]\nmod tests {\n    #[test]\n    fn adds() {\n        assert_eq!(1 + 1, 2);\n    }\n}\n'
    printf "\n$tests" >>src/main.rs
    printf "\n$tests" >>answer-sys/src/lib.rs
    rustfmt --edition 2021 src/main.rs answer-sys/src/lib.rs answer-sys/build.rs
    "$RBN_PLAN" init --checks 2>&1 | tee said
    grep -qx 'next: nix flake check' said
    adopt
    "$RBN_PLAN" check --offline
    git add -A
    nix_with flake check
    local all='["clippy-answer-sys","clippy-app","fmt-answer-sys","fmt-app","test-answer-sys","test-app"]'
    nix_with eval --json .#checks.$SYSTEM --apply builtins.attrNames | grep -qxF "$all"
    nix_with eval --json .#hydraJobs.checks.$SYSTEM --apply builtins.attrNames | grep -qxF "$all"
    # The plan's own file says the same without a flake.
    [ "$(nix_with eval --raw .#checks.$SYSTEM.test-app.drvPath)" = "$(nix eval --raw -f generated/checks.nix \
        --arg toolchain "import ./generated/nixpkgs.nix { pkgs = import $TEMPORARY/stand-in/nixpkgs { }; }" \
        flat.test-app.drvPath)" ]
    # So do the jobs, for Hydra and those who read its jobs.
    "$RBN_PLAN" ci hydra -o generated/jobs.nix
    nix-instantiate --eval --strict --json -E "
        builtins.filter (name: builtins.match \"(test|clippy|fmt)-.*\" name != null)
          (builtins.attrNames (import ./generated/jobs.nix {
            flat = true;
            toolchain = import ./generated/nixpkgs.nix { pkgs = import $TEMPORARY/stand-in/nixpkgs { }; };
          }))" | grep -qxF "$all"
    # What changes no step changes no plan.
    sed -i 's/1 + 1, 2/1 + 1, 3/' src/main.rs
    "$RBN_PLAN" check --offline
    if nix_with flake check >said 2>&1; then return 1; fi
    cat said
    grep -q 'tests::adds' said
    grep -q 'step "app:checks:test" (all) failed: 1 of ' said
    sed -i 's/1 + 1, 3/2 + 2, 4/' src/main.rs
    nix_with build --dry-run .#checks.$SYSTEM.{clippy-answer-sys,clippy-app,fmt-answer-sys,fmt-app,test-answer-sys,test-app} \
        >said 2>&1
    cat said
    grep -q -- '-app-0.1.0-bin-test-app-test.drv' said
    if grep -q -- '-answer-sys-' said; then return 1; fi
    nix_with flake check
    # A plan that lacks a test is told, and who makes it anew makes all of them.
    mkdir tests
    printf '#[test]\nfn more() {}\n' >tests/more.rs
    if "$RBN_PLAN" check --offline >said 2>&1; then return 1; fi
    grep -qx 'generated/steps.nix is up to date.' said
    grep -qx 'generated/checks-test.nix is not up to date.' said
    grep -qx 'help: run `rbn-plan -o generated/steps.nix` and commit the result' said
    "$RBN_PLAN" --offline -o generated/steps.nix
    "$RBN_PLAN" check --offline
    [ "$(git diff --name-only generated)" = "$(printf 'generated/checks-%s.nix\n' clippy fmt test)" ]
    # A flake with the package gets the checks where they come later.
    project later
    adopt
    "$RBN_PLAN" init --checks
    adopt
    "$RBN_PLAN" init 2>&1 | tee said
    grep -qx 'nothing to do' said
    nix_with eval --json .#checks.$SYSTEM --apply builtins.attrNames | grep -qxF "$all"
}

# Without --override-input, with plain Nix: the provider takes any package set.
plain() {
    project plain
    adopt
    nix build -f - --out-link result default <<NIX
import ./generated/steps.nix {
  src = ./.;
  toolchain = import ./generated/nixpkgs.nix { pkgs = import $TEMPORARY/stand-in/nixpkgs { }; };
}
NIX
    ./result/bin/app
}

# A missing override is a failed build, not a silent one: without nixpkgs' table the crate lacks its
# library; the plan's argument gives it by the name that nixpkgs knows.
overrides() {
    project overrides
    adopt
    local with="src = ./.; toolchain = import ./generated/nixpkgs.nix { pkgs = import $TEMPORARY/stand-in/nixpkgs { }; crateOverrides = { }; };"
    echo "import ./generated/steps.nix { $with }" >bare.nix
    if nix build -f bare.nix default --no-link; then
        echo "built without its library"
        return 1
    fi
    cat >>config.toml <<'TOML'

[override.answer-sys]
native-inputs = ["pkg-config", "answer-tool"]
build-inputs = ["answer"]
env.ANSWER_WANTED = "42"
TOML
    "$RBN_PLAN" --locked --offline -o generated/steps.nix
    nix build -f bare.nix default --out-link result
    ./result/bin/app
}

# For another machine the tools are those of its package set, and what runs here is of this one.
cross() {
    project cross
    local other=aarch64-unknown-linux-gnu
    [ "$TARGET" != "$other" ] || other=x86_64-unknown-linux-gnu
    printf '[build]\ntargets = ["%s", "%s"]\n' "$TARGET" "$other" >config.toml
    adopt
    cat >cross.nix <<NIX
let
  plan = import ./generated/steps.nix {
    src = ./.;
    toolchain = import ./generated/nixpkgs.nix {
      pkgs = import $TEMPORARY/stand-in/nixpkgs { };
      targets = [ "$other" ];
    };
  };
  run = plan.steps.$other."answer-sys-1.3.0:run";
in
{
  inherit (plan.packages.$other.app) drvPath;
  linker = "linker=\${plan.packages.$other.app.facts.of.platform.linker}";
  libraries = builtins.concatStringsSep ":" run.facts.of.added.libraries;
  tools_env = run.tools.facts.of.env;
  tools_path = builtins.concatStringsSep ":" (run.facts.of.added.path ++ run.tools.facts.of.path);
}
NIX
    nix-instantiate --eval --strict --json cross.nix | tee evaluated
    local key=${other//-/_} tools="$other-gcc-wrapper/bin/$other"
    grep -q "\"linker=/nix/store/[^\"]*-$tools-cc\"" evaluated
    grep -q "\"CC_$key\":\"/nix/store/[^\"]*-$tools-cc\"" evaluated
    grep -q "\"PKG_CONFIG_$key\":\"$other-pkg-config\"" evaluated
    grep -q "\"NIX_CC_WRAPPER_TARGET_HOST_$key\":\"1\"" evaluated
    # What they need in turn stands in a file of theirs.
    grep -q '"libraries":"[^"]*-answer-1.0-dev:[^"]*-answer-1.0:[^"]*-answer-tool"' evaluated
    # Programs among libraries are the other machine's: no part of PATH here.
    grep -q '"tools_path":"[^"]*-pkg-config/bin:' evaluated
    if grep -q '"tools_path":"[^"]*answer-tool' evaluated; then return 1; fi
}

# What an override asks for and a step does not do is said.
said_aloud() {
    project said
    adopt
    cat >said.nix <<NIX
(import ./generated/steps.nix {
  src = ./.;
  toolchain = import ./generated/nixpkgs.nix {
    pkgs = import $TEMPORARY/stand-in/nixpkgs { };
    crateOverrides.answer-sys = attrs: { postPatch = "sed"; ANSWER_WANTED = attrs.version; };
  };
}).steps.$TARGET."answer-sys-1.3.0:run".facts.of.added.env.ANSWER_WANTED
NIX
    nix-instantiate --eval said.nix >value 2>words
    grep -q '"1.3.0"' value
    grep -q 'the override of answer-sys sets postPatch, which a step does not do' words
}

# This repository's own flake, with the stand-ins: everything that it gives is evaluated. Nothing is
# built, for that would compile the whole project once more.
own_flake() {
    local place=$TEMPORARY/own
    mkdir "$place"
    # As a checkout has it, without what builds leave.
    (cd "$ROOT" && git ls-files -z --cached --others --exclude-standard | tar c --exclude=tests/fixtures --null -T -) \
        | tar x -C "$place"
    cd "$place"
    git init --quiet
    "$RBN_PLAN" --locked --offline -o generated/steps.nix
    grep -q '^# Toolchain: rust-overlay at [0-9a-f]\{40\}, sha256-' generated/steps.nix
    git add -A
    nix_with flake check --no-build
    nix_with build --dry-run
    nix_with develop -c rustc --version | grep '^rustc '
    nix_with develop -c sh -c 'echo "$HOME $CARGO_HOME"' | grep -xF "$PWD/target/home $PWD/target/home/cargo"
    nix_with develop -c sh -c 'echo "$PATH"' >path
    local system attribute program
    for program in rust-default-1.95.0 gcc-wrapper sccache nix jq python3 git; do
        grep -q -- "-$program/bin" path
    done
    for system in x86_64-linux aarch64-linux; do
        for attribute in packages.$system.default.drvPath devShells.$system.default.drvPath \
            checks.$system.version.drvPath apps.$system.default.program; do
            nix_with eval --raw ".#$attribute"
            echo
        done
    done | tee evaluated
    [ "$(grep -c '^/nix/store/' evaluated)" -eq 8 ]
    # The module of the cache's daemon, as far as it goes without NixOS.
    nix_with eval --json .#nixosModules.default --apply 'module:
      let
        lib = {
          mkEnableOption = text: { }; mkOption = option: option; literalExpression = text: text;
          mkIf = wanted: set: if wanted then set else { };
          optionalString = wanted: text: if wanted then text else ""; optionalAttrs = wanted: set: if wanted then set else { };
          types = { package = 0; path = 0; str = 0; bool = 0; nullOr = type: type; };
        };
        pkgs = { sccache = "/sccache"; coreutils = "/coreutils"; };
        made = module { inherit lib pkgs config; };
        config.services.rbn-plan-sccache = { enable = true; }
          // builtins.mapAttrs (name: option: option.default) (removeAttrs made.options.services.rbn-plan-sccache [ "enable" "rbn-plan" ]) // { rbn-plan = "/rbn-plan"; };
      in { inherit (made.config.systemd.services.rbn-plan-sccache) environment serviceConfig; inherit (made.config.nix) settings; }' \
        | tee module
    grep -q '"ExecStart":"/rbn-plan/bin/rbn-plan cache serve --program /sccache/bin/sccache --server /run/rbn-plan/sccache-daemon/private/' module
    grep -q '"extra-sandbox-paths":\["/run/rbn-plan/sccache?","/sccache"\]' module
    nix_with eval --raw ".#lib.plan" --apply "f: (f {
        steps = $TEMPORARY/used/generated/steps.nix; src = $TEMPORARY/used;
        pkgs = import $TEMPORARY/stand-in/nixpkgs { };
    }).default.drvPath" --impure
}

# A flake that takes a plan as data and as a library.
consumer() {
    project used
    "$RBN_PLAN" --locked --offline -o generated/steps.nix
    "$RBN_PLAN" toolchain nixpkgs -o generated/nixpkgs.nix
    mkdir plan
    "$RBN_PLAN" --locked --offline --format json -o plan/plan.json
    cp -R "$ROOT/examples/consumer" "$TEMPORARY/consumer"
    cd "$TEMPORARY/consumer"
    local with=(--no-write-lock-file --override-input nixpkgs "path:$TEMPORARY/stand-in/nixpkgs"
        --override-input plan "path:$TEMPORARY/used/plan" --override-input project "path:$TEMPORARY/used")
    nix build "${with[@]}" "path:$PWD#licences" --out-link licences
    grep -qP '^answer-sys\t1.3.0\t' licences
    nix build "${with[@]}" "path:$PWD" --out-link result
    ./result/bin/app
    nix eval "${with[@]}" --json "path:$PWD#steps" | grep -q '"host":1'
}

# The templates of the flake are projects that `init` makes ready: the words of their READMEs are run.
# template NAME
template() {
    cp -R "$ROOT/templates/$1" "$TEMPORARY/template-$1"
    cd "$TEMPORARY/template-$1"
    cargo generate-lockfile --offline
    git init --quiet
    adopt
}

# here WHAT: what `nix build` builds here runs, and says so.
here() {
    nix_with build --out-link result
    ./result/bin/app | tee printed
    grep -qx "$1" printed
}

templates() {
    template project
    here 'built one step at a time'
    template workspace
    here 'hello, workspace'
    "$RBN_PLAN" steps --offline | grep -qx "$TARGET/greeting-0.1.0"
    template c-library
    here 'zlib 1.3.1'
    template toolchain
    nix_with eval --raw .#packages.$SYSTEM.default.tools.facts.of.rustc | grep -q 'rust-default-1.95.0/bin/rustc$'
    # The READMEs name the commands that `init` names, in its order.
    local name
    for name in workspace c-library cross wasm toolchain flake-parts; do
        grep -q "^    nix flake init -t RBN-PLAN#$name\$" "$ROOT/templates/$name/README.md"
        grep -q "^          $name = template \"$name\"" "$ROOT/flake.nix"
    done
}

# The commands of the examples' READMEs, line by line, as somebody types them in a copy. (Those of
# `consumer` want a network; `consumer` above does the same with stand-ins.)
readmes() {
    local name
    mkdir -p "$TEMPORARY/typed/bin"
    ln -s "$RBN_PLAN" "$TEMPORARY/typed/bin/rbn-plan"
    for name in hello git-dependency; do
        (
            cp -R "$ROOT/examples/$name" "$TEMPORARY/typed/$name"
            cd "$TEMPORARY/typed/$name"
            rm -rf generated target result
            sed -n 's/^    //p' README.md | sed "s|/tmp/git-example|$TEMPORARY/typed/git-example|" >commands
            [ "$(wc -l <commands)" -ge 4 ]
            cat commands
            PATH=$TEMPORARY/typed/bin:$PATH bash -euo pipefail ./commands >printed
            cat printed
            if [ -e expect ]; then head -n "$(wc -l <expect)" printed | cmp - expect; fi
            grep -q . printed
        )
    done
}

# The demo, with the program that is here: what it promises comes out, and it ends on what to do next.
demo() {
    RBN_PLAN=$RBN_PLAN "$ROOT/examples/demo.sh" >"$TEMPORARY/demo" 2>&1 || { cat "$TEMPORARY/demo"; return 1; }
    cat "$TEMPORARY/demo"
    grep -q '^3\. rbn-plan build: ' "$TEMPORARY/demo"
    grep -q 'rustc-env, too: ' "$TEMPORARY/demo"
    tail -n 3 "$TEMPORARY/demo" | grep -q 'rbn-plan build '
    tail -n 1 "$TEMPORARY/demo" | grep -qx 'docs/start.md goes on from there.'
}

# Other machines' programs: evaluated, for there is no compiler here that has their libraries.
template_cross() {
    template cross
    nix_with eval --raw .#packages.$SYSTEM.default.drvPath | grep -q '\.drv$'
    local target
    for target in x86_64-unknown-linux-gnu aarch64-unknown-linux-gnu x86_64-unknown-linux-musl aarch64-unknown-linux-musl; do
        nix-instantiate --eval -E "
            let pkgs = import $TEMPORARY/stand-in/nixpkgs { system = \"$SYSTEM\"; }; in
            (import ./generated/steps.nix {
                toolchain = import ./generated/nixpkgs.nix { inherit pkgs; toolchain = pkgs.rustc; };
            }).packages.$target.app.drvPath"
    done | tee evaluated
    [ "$(grep -c '/nix/store/[a-z0-9]*-app-0.1.0-bin-app.drv' evaluated)" -eq 4 ]
    [ "$(sort -u evaluated | grep -c drv)" -eq 4 ]
}

template_wasm() {
    template wasm
    nix_with eval --raw .#packages.$SYSTEM.default.drvPath | grep -q -- '-wasm32-unknown-unknown.drv$'
    "$RBN_PLAN" steps --offline | grep -x 'wasm32-unknown-unknown/app-0.1.0:cdylib:app\|wasm32-unknown-unknown/app-0.1.0'
}

# The module of flake-parts, with a stand-in for flake-parts' own part.
template_flake_parts() {
    template flake-parts
    local more=(--override-input flake-parts "path:$TEMPORARY/stand-in/flake-parts"
        --override-input rbn-plan "path:$TEMPORARY/own")
    mkdir -p "$TEMPORARY/own"
    cp -R "$ROOT/flake.nix" "$ROOT/flake.lock" "$ROOT/nix" "$ROOT/templates" "$ROOT/generated" "$TEMPORARY/own/"
    nix_with build "${more[@]}" --out-link result
    ./result/bin/app | grep -qx 'built by a module of flake-parts'
    nix_with flake check "${more[@]}"
    nix_with eval "${more[@]}" --json ".#checks.$SYSTEM" --apply builtins.attrNames | grep -qx '\["clippy-app","fmt-app","rbn-plan","says","test-app"\]'
    nix_with develop "${more[@]}" -c rustc --version | grep '^rustc '
    # A machine that the plan is not for has nothing of it.
    sed -i 's|^        rbn-plan.steps = .*|&\n        rbn-plan.systems = [ ];|; s|^        checks.says|        checks.none|' flake.nix
    nix_with eval "${more[@]}" --json ".#packages.$SYSTEM" --apply builtins.attrNames | grep -qx '\[\]'
}

find_rbn_plan
make_temporary
TARGET=$(host_triple)
SYSTEM=${TARGET%%-*}-linux
cp -R "$ROOT/tests/fixtures/stand-in" "$TEMPORARY/stand-in"
"$RBN_PLAN" toolchain host -o "$TEMPORARY/stand-in/nixpkgs/host.nix"

asked "a project without a flake gets one that builds" new_flake
asked "a flake of somebody builds the plan too" existing_flake
asked "the compiler comes from the input of config.toml" other_compiler
asked "init in every flake of the corpus, evaluated" corpus
asked "a day's work: update, develop" daily
# A distribution's Rust lies among everything else in /usr.
case $(rustc --print sysroot) in
    /usr*) ;;
    *) asked "a compiler in the store" stored_compiler ;;
esac
asked "the planned checks are those of the flake" planned_checks
asked "a dry run writes nothing" dry_run
asked "the provider without flakes" plain
asked "libraries come from overrides, by name" overrides
asked "for another machine, by its package set" cross
asked "an override's part that has no effect is said" said_aloud
asked "a flake takes a plan as data and as a library" consumer
asked "this project's own flake evaluates" own_flake
asked "the flake's templates are ready with init" templates
asked "what the examples' READMEs say, typed" readmes
asked "the demo" demo
asked "the template for other machines" template_cross
asked "the template for WebAssembly" template_wasm
asked "the template for flake-parts, and the module" template_flake_parts
finish
