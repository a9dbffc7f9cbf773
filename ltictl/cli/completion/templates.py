"""The templates of the completion scripts; ``scripts`` fills in the commands."""

from typing import Final

# bash and zsh read the same case statements.
_WORDS_AND_REST: Final = """\
      -*) ;;
      *)
        if [[ -z $command ]]; then command=$word
        else case "$command $word" in %(nested)s) command="$command $word" ;; esac
        fi ;;
    esac
  done
  if [[ $previous == --profile ]]; then _ltictl_names profiles; return; fi
  case "$command:$previous" in
%(values)s
    *) _ltictl_rest ;;
  esac
}
_ltictl_rest() {
  if [[ -z $command ]]; then %(first)s; return; fi
  if [[ $current == -* ]]; then
  case "$command" in
%(options)s
  esac
  return
  fi
  case "$command" in
%(second)s
%(arguments)s
  esac
}
"""
BASH: Final = (
    """\
# bash completion for ltictl, made by 'ltictl completion bash'.
_ltictl_words() { COMPREPLY+=($(compgen -W "$1" -- "$current")); }
# Without compgen, which takes longer over thousands of names than the program that lists them.
_ltictl_names() {
  COMPREPLY+=($("${COMP_WORDS[0]}" __complete "$1" "$profile" "$current" 2>/dev/null))
}
_ltictl_files() { compopt -o filenames; COMPREPLY+=($(compgen -f -- "$current")); }
_ltictl() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
  local command= profile= word i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    case $word in
      --profile) profile=${COMP_WORDS[++i]} ;;
"""
    + _WORDS_AND_REST
    + """\
complete -F _ltictl ltictl
"""
)

ZSH: Final = (
    """\
#compdef ltictl
# zsh completion for ltictl, made by 'ltictl completion zsh'.
_ltictl_words() { compadd -- ${=1} }
_ltictl_names() {
  compadd -- ${(f)"$("${words[1]}" __complete "$1" "$profile" 2>/dev/null)"}
}
_ltictl() {
  local current=${words[CURRENT]} previous=${words[CURRENT-1]} command= profile= word
  local -i i
  for ((i = 2; i < CURRENT; i++)); do
    word=${words[i]}
    case $word in
      --profile) profile=${words[++i]} ;;
"""
    + _WORDS_AND_REST
    + """\
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _ltictl "$@"; else compdef _ltictl ltictl; fi
"""
)

FISH: Final = """\
# fish completion for ltictl, made by 'ltictl completion fish'.
function __ltictl_line
    # Prints the command, then the value of --profile.
    set -l tokens (commandline -opc)
    set -l command
    set -l profile
    set -l skip no
    for token in $tokens[2..-1]
        if test $skip = yes
            set profile $token
            set skip no
            continue
        end
        switch $token
            case --profile
                set skip yes
            case '-*'
            case '*'
                if test -z "$command"
                    set command $token
                else if contains -- "$command" %(groups)s
                    set command "$command $token"
                end
        end
    end
    echo $command
    echo $profile
end
function __ltictl_at
    set -l line (__ltictl_line)
    test "$line[1]" = "$argv[1]"
end
function __ltictl_anywhere
    true
end
function __ltictl_names
    set -l line (__ltictl_line)
    set -l program (commandline -opc)[1]
    $program __complete $argv[1] "$line[2]" 2>/dev/null
end
complete -c ltictl -f
%(lines)s
"""
