#!/usr/bin/env bash
# In a workspace that has its plan and the file of `rbn-plan ci hydra` in generated/: those who evaluate jobs find all
# of them, by names that Hydra takes, each a derivation. Leaves a flake.nix there.
set -euo pipefail
HERE=$(dirname "$(realpath "$0")")

walked() { nix eval --impure --raw --expr "import $HERE/walk.nix { file = $PWD/generated/jobs.nix; flat = $1; }"; }

derivations() { sed 's/.* //' | sort -u; }

# A job's name is attributes with dots between them; of a flat set, one.
ATTRIBUTE='[A-Za-z_][A-Za-z0-9_-]*'
walked false >generated/grouped
walked true >generated/flat
[ "$(wc -l <generated/grouped)" -ge "${1:?how many jobs there are at least}" ]
for each in "grouped:$ATTRIBUTE(\.$ATTRIBUTE)*" "flat:$ATTRIBUTE"; do
    if grep -vE "^${each#*:} /nix/store/[^ ]+\.drv$" "generated/${each%%:*}"; then echo "no job of Hydra's"; exit 1; fi
done
[ "$(sed 's/ .*//' generated/flat | sort -u | wc -l)" -eq "$(wc -l <generated/grouped)" ]
diff <(derivations <generated/grouped) <(derivations <generated/flat)
# As Nix's own commands go through groups; by Hydra's rules: no other file, no network, nothing built to evaluate.
diff <(derivations <generated/grouped) <(nix-instantiate generated/jobs.nix --option restrict-eval true -I "$PWD" \
    --option allow-import-from-derivation false | sort -u)
[ "$(nix-env -f generated/jobs.nix -qaP --attr-path --no-name | wc -l)" -eq "$(wc -l <generated/grouped)" ]
# In a flake, by the lines that the file itself has for it.
{
    printf '{\n  outputs = _: {\n'
    sed -nE 's/^#( +a flake)? +((hydraJobs|checks)\.)/    \2/p' generated/jobs.nix | sed "s/x86_64-linux/$(uname -m)-linux/g"
    printf '  };\n}\n'
} >flake.nix
[ "$(grep -c 'import ./generated/jobs.nix' flake.nix)" -eq 2 ]
git add --all --force .
nix flake check --no-build
# The source has another path there, and steps that see files of it are other derivations.
diff <(sed 's/ .*//' generated/flat | sort) \
    <(nix eval --json '.#hydraJobs' --apply 'builtins.mapAttrs (_: builtins.attrNames)' | grep -oE '"(package|step)-[^"]*"' | tr -d '"' | sort)
