_kubectl_lease() {
    local rest=${COMP_LINE:0:COMP_POINT} words=() i trimmed token
    # Bash divides words at "=", ":" and "@" too. Put them together again.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        trimmed=${rest#"${rest%%[![:space:]]*}"}
        token=${COMP_WORDS[i]}
        ((i < COMP_CWORD)) || token=$trimmed
        if ((i == 0)) || [[ $trimmed != "$rest" ]]; then
            words+=("$token")
        else
            words[${#words[@]} - 1]+=$token
        fi
        rest=${trimmed#"$token"}
    done
    local answer line word=${words[${#words[@]} - 1]}
    COMPREPLY=()
    answer=$(VARIABLE=bash COMPLETER -- "${words[@]}" 2>/dev/null) || return
    # Of a flag with its value the answer has the value, of which bash replaces only what follows
    # the last place where it divides.
    [[ $word != -*=* ]] || word=${word#*=}
    while IFS= read -r line; do
        if [[ $line == :0 ]]; then
            compopt -o default 2>/dev/null
        elif [[ $line != :* ]]; then
            line=${line%%$'\t'*}
            COMPREPLY+=("${line#"${word%"$2"}"}")
        fi
    done <<< "$answer"
}
complete -F _kubectl_lease BIN
