# shellcheck shell=dash disable=SC2154
# The process of the card dies in the middle of the crash. Read by init.sh.

card=$(device 0x10ee 0xfb07)
result "kill: the card is there" test -n "$card"
job=$(argument job | tr '+' ' ')
# shellcheck disable=SC2086
firebreak run --engine "pci:auto,dma=pagemap,patience=$(argument patience)" $job --out /tmp/run >/tmp/summary.txt
result "kill: the run goes on without the card" test $? = 0
grep failover /tmp/run/summary.json
result "kill: another engine took over, once" grep -q '"failovers": 1,' /tmp/run/summary.json
sed 's/^/  /' /tmp/summary.txt
hashes
