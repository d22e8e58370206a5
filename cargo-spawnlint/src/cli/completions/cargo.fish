
# Files are not among the commands, but may stand where they do.
complete -c cargo-spawnlint -n __fish_cargo_spawnlint_needs_command -F

# `cargo spawnlint ..` is completed as `cargo-spawnlint ..` is.
function __fish_cargo_spawnlint_of_cargo
    set -l words (commandline -opc)
    while set -q words[1]; and test "$words[1]" != spawnlint
        set -e words[1]
    end
    set -e words[1]
    set -l current (commandline -ct)
    complete -C (string join ' ' -- cargo-spawnlint (string escape -- $words) "$current")
end
complete -c cargo -n '__fish_seen_subcommand_from spawnlint' -f -a '(__fish_cargo_spawnlint_of_cargo)'
