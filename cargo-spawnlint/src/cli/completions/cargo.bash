
# `cargo spawnlint ..` is completed as `cargo-spawnlint ..` is; all other commands are left to whatever completes cargo.
_cargo_spawnlint_of_cargo() {
    local at previous=$3
    for ((at = 1; at < COMP_CWORD; at++)); do
        # A toolchain or flag of cargo's own.
        [[ ${COMP_WORDS[at]} == [+-]* ]] || break
    done
    if ((at < COMP_CWORD)) && [[ ${COMP_WORDS[at]} == spawnlint ]]; then
        COMP_WORDS=(cargo-spawnlint "${COMP_WORDS[@]:at+1}")
        COMP_CWORD=$((COMP_CWORD - at))
        ((COMP_CWORD > 1)) || previous=cargo-spawnlint
        _cargo_spawnlint cargo-spawnlint "$2" "$previous"
        return
    fi
    [[ -n ${_cargo_spawnlint_other-} ]] || _cargo_spawnlint_load_other
    if [[ -n ${_cargo_spawnlint_other-} ]]; then
        "$_cargo_spawnlint_other" "$@"
    fi
}

# Takes the place of the function that completes cargo, and keeps its name. All else that completes cargo stays as it is:
# options, words, commands.
_cargo_spawnlint_register() {
    local found rest
    found=$(complete -p cargo 2>/dev/null)
    if [[ -z $found ]]; then
        complete -F _cargo_spawnlint_of_cargo -o bashdefault -o default cargo
        return
    fi
    rest=${found#complete}
    rest=${rest%cargo}
    if [[ $rest =~ ' -F '([^ ]+) ]]; then
        rest=${rest/"${BASH_REMATCH[0]}"/}
        if [[ ${BASH_REMATCH[1]} != _cargo_spawnlint_of_cargo ]]; then
            _cargo_spawnlint_other=${BASH_REMATCH[1]}
        fi
    fi
    # bash has quoted it, to be read once more.
    eval "complete $rest -F _cargo_spawnlint_of_cargo cargo"
}

# bash-completion reads cargo's own completions when they are first asked for.
_cargo_spawnlint_load_other() {
    local loader before
    before=$(complete -p cargo 2>/dev/null)
    for loader in _comp_load _completion_loader; do
        if declare -F "$loader" >/dev/null; then
            complete -r cargo
            "$loader" cargo >/dev/null 2>&1
            complete -p cargo >/dev/null 2>&1 || eval "$before"
            break
        fi
    done
    _cargo_spawnlint_register
}

_cargo_spawnlint_register
