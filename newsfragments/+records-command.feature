``python -m pachgw records`` lists, checks and exports what is kept beside the objects of a repo, and collects what no commit needs.
