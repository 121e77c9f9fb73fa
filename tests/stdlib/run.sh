#!/bin/sh
# The standard library against AWS's models (botocore's, pinned). TAP.
# Every type agrees with them; and of each kind of mistake one is planted in
# seeds.bg and must be found, alone, on the line that it was planted in.
set -u
LC_ALL=C
export LC_ALL
cd "${SRCDIR:-$(dirname "$0")/../..}" || exit 1
bgc=${BGC:-build/bgc}
case $bgc in /*) ;; *) bgc=$PWD/$bgc ;; esac
python=${PYTHON:-}
if [ -z "$python" ]; then
    if [ -x .venv/bin/python ]; then python=.venv/bin/python; else python=python3; fi
fi
if [ ! -x "$bgc" ]; then
    echo "Bail out! there is no $bgc"
    exit 1
fi
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
NO_COLOR=1
export NO_COLOR

. tests/tap.sh

# The models of the services that the library speaks to, unpacked.
"$python" - stdlib/aws/services.bg "$tmp/models" <<'PY' || { echo "Bail out! no models: is botocore installed?"; exit 1; }
import glob, gzip, os, re, sys
import botocore
text = open(sys.argv[1], encoding="utf-8").read()
for name, body in re.findall(r"^service (\w+) \{(.*?)^\}", text, re.M | re.S):
    said = re.search(r'^\s*model\s*=\s*"([^"]+)"', body, re.M)
    name = said.group(1) if said else name
    found = sorted(glob.glob(os.path.join(os.path.dirname(botocore.__file__), "data", name, "*", "service-2.json*")))
    if not found:
        continue
    folder = os.path.join(sys.argv[2], name, os.path.basename(os.path.dirname(found[-1])))
    os.makedirs(folder)
    opened = gzip.open(found[-1]) if found[-1].endswith(".gz") else open(found[-1], "rb")
    with opened as f, open(os.path.join(folder, "service-2.json"), "wb") as out:
        out.write(f.read())
PY

verdict 'all types agree with their models' "$("$bgc" types check --models "$tmp/models" 2>&1 |
    awk '/types agree/ && $1 == $3 && $1 > 10 { next } { print }')"
verdict 'the type without mistakes agrees' "$("$bgc" types check --models "$tmp/models" tests/stdlib/seeds.bg 2>&1 |
    grep -v '^2 of 2 types agree')"

# plant WHAT CODE SED
plant() {
    sed -E "$3" tests/stdlib/seeds.bg > "$tmp/seed.bg"
    line=$(cmp tests/stdlib/seeds.bg "$tmp/seed.bg" | sed 's/.*line //')
    "$bgc" types check --models "$tmp/models" "$tmp/seed.bg" > "$tmp/out" 2> "$tmp/err"
    status=$?
    codes=$(grep -oE '^[a-z]+\[BG[0-9]+\]' "$tmp/err" | grep -oE 'BG[0-9]+' | sort -u | tr '\n' ' ')
    found=
    [ -n "$line" ] || found="the mistake was not planted"
    [ $status -eq 1 ] || found="$found exit $status"
    [ "$codes" = "$2 " ] || found="$found wanted $2, found $codes$(cat "$tmp/err")"
    [ -n "${4-}" ] || grep -q "seed.bg:$line:" "$tmp/err" || found="$found not at line $line: $(cat "$tmp/err")"
    if [ -n "${5-}" ] && ! grep -qF "did you mean \`$5\`" "$tmp/err"; then found="$found; it does not suggest $5"; fi
    verdict "planted: $1" "$found"
}
plant 'an operation'                BG5701 's/DescribeTargetHealth /DescribeTargetsHealth /' '' DescribeTargetHealth
plant 'a member of a binding'       BG5702 's/HealthCheckEnabled =/HealthcheckEnabled =/' '' HealthCheckEnabled
plant 'a place in a request'        BG5702 's/-> HealthCheckPath/-> HealthCheckPaths <- HealthCheckPath/' '' HealthCheckPath
plant 'a place in a reply'          BG5702 's/<- TargetGroupName/<- TargetGroupNames/' '' TargetGroupName
plant 'a place in a place'          BG5702 's/\}\.Value via/}.Val via/'
plant 'a member in a selector'      BG5702 's/Attributes\{Key =/Attributes{Kee =/'
plant 'a result'                    BG5702 's/TargetGroups\[0\]\.TargetGroupArn/TargetGroups[0].Arn/'
plant 'a member in `where`'         BG5702 's/it\.TargetGroupName/it.Name/'
plant 'a member in a lambda'        BG5702 's/t\.TargetHealth\.State/t.Health.State/'
plant 'a member in `wait`'          BG5702 's/live\.TargetType/live.Type/'
plant 'a member in a comprehension' BG5702 's/\{ Key = k \}/{ Kay = k }/' '' Key
plant 'where tags go'               BG5702 's/at = "Tags"/at = "Tagz"/'
plant 'a kind: text for a number'   BG5703 's/port: 1\.\.65535/port: string/'
plant 'a kind: number for a text'   BG5703 's/via seconds\("text"\)/via seconds/'
plant 'a kind: one for many'        BG5703 's/ResourceArns = \[id\], Tags/ResourceArns = id, Tags/'
plant 'a kind: record for a text'   BG5703 's/Name = physical_name,/Name = { Is = physical_name },/'
plant 'a kind: rules in the wrong place' BG5703 's/-> IpPermissions via/-> OwnerId via/'
plant 'a list that is none'         BG5703 's/-> SecurityGroups$/-> SecurityGroups[0]/'
plant 'a value of a type'           BG5704 's/"HTTP" \| "HTTPS" =/"HTTP" | "HTPS" =/' '' HTTPS
plant 'a value of a codec'          BG5704 's/address = "ip"/address = "ipv4"/'
plant 'a value compared with'       BG5704 's/== "healthy"/== "Healthy"/' '' healthy
plant 'a kind of tagged resource'   BG5704 's/resource = "security-group"/resource = "security_group"/' '' security-group
plant 'an error of absent'          BG5705 's/absent TargetGroupNotFound retry/absent TargetGroupNotFond retry/' '' TargetGroupNotFound
plant 'an error of adopt'           BG5705 's/adopt DuplicateTargetGroupName/adopt DuplicateTargetGroup/'
plant 'an error of retry'           BG5705 's/retry ResourceInUse/retry ResourceIsInUse/' '' ResourceInUse
plant 'a required member'           BG5706 's/\{ TargetGroupArn = id \} absent TargetGroupNotFound retry/{} absent TargetGroupNotFound retry/'
plant 'tags that nobody reads'      BG5707 '/read   DescribeTags/d' anywhere
verdict 'no models' "$("$bgc" types check --models "$tmp" tests/stdlib/seeds.bg 2>&1 | grep -q 'BG5708' || echo 'no BG5708')"

# ---- what people read -------------------------------------------------------------------
"$bgc" types > "$tmp/types"
verdict 'types are listed, each with a line' "$(awk 'NF < 3 { print }' "$tmp/types"
    grep -q '^ec2.security_group  *A stateful firewall' "$tmp/types" || echo 'no ec2.security_group')"
verdict 'each can be explained' "$(cut -d' ' -f1 "$tmp/types" | while read -r t; do
    "$bgc" doc "$t" > "$tmp/doc" 2>&1 && head -n 1 "$tmp/doc" | grep -qx "$t" || echo "$t"
done)"
verdict 'doc suggests' "$("$bgc" doc ec2.subnets 2>&1 | grep -q 'did you mean ec2.subnet?' || echo no)"
echo "1..$n"
