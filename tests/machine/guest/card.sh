# shellcheck shell=dash disable=SC1091,SC2154
# The card: found, examined, tested, and put to work. Read by init.sh.

card=$(device 0x10ee 0xfb07)
result "card: found by its numbers" test -n "$card"
. /bad.sh

# The card is some thousand times slower than on a board, and the machine may be held up: with less patience the driver sends
# commands again, which does no harm, but which the self-test takes for a bad link.
uri=pci:auto,dma=pagemap,patience=20000
firebreak info
result "info: lists the card" sh -c "firebreak info | grep -q 'pci:$card.*x16 of x16.*driver none'"
firebreak info --engine "$uri" >/tmp/info.txt
result "info: opens the card" grep -q '8 lanes in groups of 4' /tmp/info.txt
cat /tmp/info.txt
# 1 is a warning: this is no machine for a card.
firebreak doctor
result "doctor: finds nothing that stands in the way" test $? -le 1
firebreak selftest --engine "$uri"
result "selftest: passes" test $? = 0

# Read by the shell that run.sh gives the job on the kernel's command line.
job=$(argument job | tr '+' ' ')
# No standby: a card that dies must not go unseen.
# shellcheck disable=SC2086
firebreak run --engine "$uri" --standby none $job --out /tmp/run >/tmp/summary.txt &
sleep 4
refused "bad: busy" "busy" "$good"
result "run: a crash on the card, every record equal to the book" wait $!
sed 's/^/  /' /tmp/summary.txt
hashes
