case $action in
  compile) place && open_jobserver && compile ;;
  run) place && open_jobserver && run ;;
  collect) collect ;;
  runners) runners ;;
esac
