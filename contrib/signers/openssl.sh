#!/bin/sh
# A signer for ltictl (keys.signer) that keeps keys as files of another user, say by way of sudo.
# Settings: SIGNER_FOLDER, a folder that only that user may read. Needs openssl.
set -eu
umask 077
case "$1" in
new)
    name=$(openssl rand -hex 8)
    openssl genpkey -quiet -algorithm RSA -pkeyopt "rsa_keygen_bits:$2" -out "$SIGNER_FOLDER/$name.pem"
    echo "$name"
    ;;
public) openssl pkey -in "$SIGNER_FOLDER/${2##*/}.pem" -pubout ;;
sign) openssl dgst -sha256 -sign "$SIGNER_FOLDER/${2##*/}.pem" ;;
esac
