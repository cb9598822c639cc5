#!/bin/sh
# Signs ibconsole.app, puts it into a disk image, and has that notarized:  make_dmg.sh APP DMG
#
# Without MACOS_IDENTITY ("Developer ID Application: …", in a keychain) nothing is signed, and without
# MACOS_NOTARY_PROFILE (made by: xcrun notarytool store-credentials) nothing is sent to Apple; both are
# said. Nobody has run this yet: see packaging/README.md.
set -eu

app=$1
image=$2
folder=$(dirname "$0")

if [ -n "${MACOS_IDENTITY:-}" ]; then
  # From the inside out: what is signed last seals what was signed before.
  find "$app/Contents" -type f \( -name '*.so' -o -name '*.dylib' \) -exec \
    codesign --force --timestamp --options runtime --sign "$MACOS_IDENTITY" {} +
  find "$app/Contents/Frameworks" -type d -name '*.framework' -prune -exec \
    codesign --force --timestamp --options runtime --sign "$MACOS_IDENTITY" {} +
  codesign --force --timestamp --options runtime --sign "$MACOS_IDENTITY" \
    --entitlements "$folder/entitlements.plist" "$app/Contents/MacOS/ibconsole"
  codesign --force --timestamp --options runtime --sign "$MACOS_IDENTITY" \
    --entitlements "$folder/entitlements.plist" "$app"
  codesign --verify --strict --deep --verbose=2 "$app"
else
  echo "make_dmg: not signed: MACOS_IDENTITY is not set" >&2
fi

content=$(mktemp -d)
trap 'rm -rf "$content"' EXIT
cp -R "$app" "$content/"
ln -s /Applications "$content/Applications"
hdiutil create -volname ibconsole -srcfolder "$content" -fs HFS+ -format UDZO -ov "$image"

if [ -n "${MACOS_IDENTITY:-}" ] && [ -n "${MACOS_NOTARY_PROFILE:-}" ]; then
  codesign --force --timestamp --sign "$MACOS_IDENTITY" "$image"
  xcrun notarytool submit "$image" --keychain-profile "$MACOS_NOTARY_PROFILE" \
    ${MACOS_NOTARY_KEYCHAIN:+--keychain "$MACOS_NOTARY_KEYCHAIN"} --wait
  xcrun stapler staple "$image"
  spctl --assess --type open --context context:primary-signature --verbose "$image"
else
  echo "make_dmg: not notarized: MACOS_IDENTITY or MACOS_NOTARY_PROFILE is not set" >&2
fi
