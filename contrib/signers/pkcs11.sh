#!/bin/sh
# A signer for ltictl (keys.signer) that keeps keys in a PKCS#11 token: an HSM, a smart card, SoftHSM.
# Needs pkcs11-tool (OpenSC) and openssl. Settings, all in the environment:
#   PKCS11_MODULE  the token's library       PKCS11_TOKEN  the token's label
#   PKCS11_PIN     the PIN; pkcs11-tool reads it from the environment, so no process list shows it
set -eu
token() {
    pkcs11-tool --module "$PKCS11_MODULE" --token-label "$PKCS11_TOKEN" --login --pin env:PKCS11_PIN "$@"
}
case "$1" in
new)
    id=$(openssl rand -hex 8)
    token --keypairgen --key-type "rsa:$2" --id "$id" --label ltictl --usage-sign >/dev/null
    echo "$id"
    ;;
public)
    token --read-object --type pubkey --id "$2"
    ;;
sign)
    file=$(mktemp)
    trap 'rm -f "$file" "$file.sig"' EXIT
    cat >"$file"
    token --sign --mechanism SHA256-RSA-PKCS --id "$2" --input-file "$file" --output-file "$file.sig" >/dev/null
    cat "$file.sig"
    ;;
esac
